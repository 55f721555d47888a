"""What waits to be sent of a broadcast may no longer be wanted when its turn comes."""

from domain.lane_names import parts_of
from features.broadcasts.audience import ineligible_reason
from features.broadcasts.jobs import lane_of
from features.broadcasts.state import Stage
from jobs.maintenance import state_of
from jobs.model import Job
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.users import Users


class SendGuard:
    """Knows who has said no, and which broadcasts were cancelled, by now."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._users = Users(database)

    async def skip_reason(self, job: Job) -> str | None:
        """Why a message is not to be sent; None if it is, and for all that is of no broadcast."""
        # An older version stored jobs without it.
        broadcast = job.body.get("broadcast")
        if broadcast is None:
            return None
        lane = lane_of(broadcast["id"])
        state = await self._database.submit(Transaction(lambda c, _: state_of(c, lane)))
        if state.get("stage") == Stage.CANCELLED:
            return "the broadcast was cancelled"
        _, _, key = parts_of(job.lane)
        return ineligible_reason(await self._users.get(key), broadcast["category"])
