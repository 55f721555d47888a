"""Tells whether the bot can do its work, and how far behind it is."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from domain.health import Backlog
from utils.metrics import Metrics

#: Work that is due and waits longer means that nobody does it.
LONGEST_LAG = timedelta(seconds=60)


class HealthController:
    """`backlog` asks the database; its failure is what "not ready" means."""

    def __init__(
        self,
        backlog: Callable[[], Awaitable[Backlog]],
        migrated: Callable[[], Awaitable[bool]],
        airtable: Callable[[], Awaitable[str]],
        metrics: Metrics,
    ) -> None:
        self._backlog = backlog
        self._migrated = migrated
        self._airtable = airtable
        self._metrics = metrics

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether to send traffic here, and the checks that led to it."""
        try:
            backlog, migrated = await self._backlog(), await self._migrated()
            airtable = await self._airtable()
        except (SQLAlchemyError, OSError):
            return False, {"database": "unreachable"}
        is_behind = backlog.lag > LONGEST_LAG
        checks = {
            "database": "ok",
            "migrations": "ok" if migrated else "missing: run `python3 watch.py migrate`",
            "lag_seconds": round(backlog.lag.total_seconds(), 3),
            "waiting_jobs": backlog.todo,
            "dead_letters": backlog.dead,
            "airtable": airtable,  # its troubles are no reason to send traffic elsewhere
        }
        return migrated and not is_behind, checks

    async def metrics(self) -> bytes:
        """Prometheus' text format, with the backlog of this moment."""
        backlog = await self._backlog()
        self._metrics.jobs.labels("todo").set(backlog.todo)
        self._metrics.jobs.labels("dead").set(backlog.dead)
        self._metrics.lag_seconds.set(backlog.lag.total_seconds())
        return self._metrics.exposition()
