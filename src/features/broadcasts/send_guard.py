"""A queued message of a broadcast may no longer be wanted when its turn comes."""

from features.broadcasts.job_specs import BroadcastReference, lane_of
from features.broadcasts.state import Stage
from features.templates.consent import objection_to
from jobs.maintenance import state_of
from jobs.model import Job
from jobs.spec import person_lane
from services.sending.outbox import SendJob
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.users import Users


class BroadcastGuard:
    """Knows who opted out, and which broadcasts were cancelled, by now."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._users = Users(database)

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return why a message is not to be sent; None if it is, and for all other messages."""
        broadcast = BroadcastReference.of(body)
        if broadcast is None:
            return None
        lane = lane_of(broadcast.id)
        state = await self._database.submit(Transaction(lambda c, _: state_of(c, lane)))
        if state.get("stage") == Stage.CANCELLED:
            return "the broadcast was cancelled"
        user = await self._users.get(person_lane(job).user_key)
        return objection_to(user, broadcast.category)
