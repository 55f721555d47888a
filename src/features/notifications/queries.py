"""What callers read and cancel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection

from features.notifications.api_keys import Caller
from features.notifications.changes import cancel
from features.notifications.failures import resume, views
from features.notifications.job_specs import RELEASE, lane_of
from features.notifications.problems import ApiError, Code, Problem, not_found, not_paused
from features.notifications.reading import Filter, find, find_many
from features.notifications.schema import (
    CancelResult,
    NotificationList,
    NotificationView,
    PauseList,
)
from features.notifications.stage import Stage
from features.notifications.statistics.groups import GroupBy, statistics
from features.notifications.statistics.periods import Period
from features.notifications.statistics.schema import StatisticsResult
from features.notifications.status_events import StatusEvents
from features.notifications.tables import notification
from jobs.job_queue import Decision, JobQueue
from jobs.model import Priority
from jobs.spec import EmptyBody
from storage.engine.group_commit import GroupCommit


@dataclass(frozen=True, slots=True)
class NotificationQueries:
    """Reads and cancels the notifications of a caller's tenant."""

    database: GroupCommit
    queue: JobQueue
    status_events: StatusEvents
    clock: Callable[[], datetime]

    async def one(self, caller: Caller, id_: str) -> NotificationView:
        """Return a notification. Raise ApiError."""
        now = self.clock()
        found = await self.database.reader.run(lambda c, _: find(c, caller.tenant, id_, now))
        if found is None:
            raise ApiError(404, not_found())
        return found

    async def page(self, caller: Caller, wanted: Filter, limit: int) -> NotificationList:
        """Return a page of notifications, the newest first."""
        now = self.clock()
        found = await self.database.reader.run(
            lambda c, _: find_many(c, caller.tenant, wanted, now, most=limit + 1)
        )
        last = found[limit - 1].id if len(found) > limit else None
        return NotificationList(items=list(found[:limit]), next=last)

    async def counts(
        self, caller: Caller, since: datetime, until: datetime, by: Sequence[GroupBy]
    ) -> StatisticsResult:
        """Return the numbers of messages by what became of them."""
        period = Period(caller.tenant, since, until, self.clock())
        groups = await self.database.reader.run(lambda c, _: statistics(c, period, by))
        return StatisticsResult(since=since, until=until, groups=list(groups))

    async def cancel(self, caller: Caller, id_: str) -> CancelResult:
        """Cancel a notification that Meta does not have yet. Raise ApiError."""
        result = await self._cancel(caller, notification.c.id == id_)
        if not result.cancelled:
            raise ApiError(
                409,
                Problem(
                    code=Code.TOO_LATE,
                    message="Meta has the message, or it ended before.",
                    fix="Look at its status.",
                ),
            )
        return result

    async def cancel_batch(self, caller: Caller, id_: str) -> CancelResult:
        """Cancel those of a batch that Meta does not have yet. Raise ApiError."""
        return await self._cancel(caller, notification.c.batch == id_)

    async def pauses(self, caller: Caller) -> PauseList:
        """Return what is paused since too many messages failed."""
        found = await self.database.reader.run(lambda c, _: views(c, caller.tenant))
        return PauseList(items=list(found))

    async def resume(self, caller: Caller, id_: str) -> None:
        """Let what is paused go on. Raise ApiError."""
        release = RELEASE.new(lane_of(caller.tenant), EmptyBody(), priority=Priority.LOW)

        def go_on(connection: Connection, now: float) -> Decision[bool]:
            is_paused = resume(connection, caller.tenant, id_, datetime.fromtimestamp(now, UTC))
            return Decision(is_paused, [release] if is_paused else [])

        if not await self.queue.decide(go_on):
            raise ApiError(409, not_paused())

    async def _cancel(self, caller: Caller, is_meant: ColumnElement[bool]) -> CancelResult:
        now = self.clock()

        def decide(connection: Connection, _: float) -> Decision[CancelResult | None]:
            found = cancel(connection, caller.tenant, is_meant, now)
            if found is None:
                return Decision(None)
            result, ids = found
            return Decision(
                result, self.status_events.ended([(id_, Stage.CANCELLED) for id_ in ids])
            )

        result = await self.queue.decide(decide)
        if result is None:
            raise ApiError(404, not_found())
        return result
