"""What callers read and cancel."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from features.notifications.api_keys import Caller
from features.notifications.changes import cancel
from features.notifications.problems import ApiError, Code, Problem, not_found
from features.notifications.reading import Filter, find, find_many
from features.notifications.schema import (
    CancelResult,
    NotificationList,
    NotificationView,
    StatisticsResult,
)
from features.notifications.statistics import GroupBy, statistics
from features.notifications.tables import notification
from storage.engine.group_commit import GroupCommit, Transaction


@dataclass(frozen=True, slots=True)
class NotificationQueries:
    """Reads and cancels the notifications of a caller's tenant."""

    database: GroupCommit
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
        self, caller: Caller, since: datetime, until: datetime, by: GroupBy
    ) -> StatisticsResult:
        """Return the numbers of notifications by status."""
        now = self.clock()
        groups = await self.database.reader.run(
            lambda c, _: statistics(c, caller.tenant, since=since, until=until, by=by, now=now)
        )
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

    async def _cancel(self, caller: Caller, is_meant: ColumnElement[bool]) -> CancelResult:
        now = self.clock()
        found = await self.database.submit(
            Transaction(lambda c, _: cancel(c, caller.tenant, is_meant, now))
        )
        if found is None:
            raise ApiError(404, not_found())
        return found
