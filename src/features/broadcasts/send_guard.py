"""What waits to be sent of a broadcast may no longer be wanted when its turn comes."""

from features.broadcasts.audience import objection
from features.broadcasts.jobs import lane_of
from features.broadcasts.state import Stage
from jobs.maintenance import state_of
from jobs.model import Job, parts_of
from storage.engine.group_commit import GroupCommit, Work
from storage.tables.users import Users


class Withdrawals:
    """Knows who has said no, and which broadcasts were cancelled, by now."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._users = Users(database)

    async def why_not(self, job: Job) -> str | None:
        """Why a message is not to be sent; None if it is, and for all that is of no broadcast."""
        # An older version stored jobs without it.
        broadcast = job.body.get("broadcast")
        if broadcast is None:
            return None
        lane = lane_of(broadcast["id"])
        state = await self._database.submit(Work(lambda c, _: state_of(c, lane)))
        if state.get("stage") == Stage.CANCELLED:
            return "the broadcast was cancelled"
        _, _, key = parts_of(job.lane)
        return objection(await self._users.get(key), broadcast["category"])
