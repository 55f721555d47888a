"""Health checks and metrics: whether the bot can work, and how far behind it is."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from utils.metrics import Metrics

#: Longest wait of due work before the bot counts as not ready.
MAX_LAG = timedelta(seconds=60)
#: Longest wait for the database; load balancers give up by then.
ANSWER_TIMEOUT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs that are stored and not done."""

    #: Jobs that wait.
    todo: int
    #: Dead letters.
    dead: int
    #: Longest wait of a lane that is due, in pools that a worker serves.
    lag: timedelta
    #: Lanes that are due, in pools that no worker serves with these settings.
    unserved: int


class HealthController:
    """Answers health checks. A failure of `backlog`, a query of the database, is "not ready"."""

    def __init__(
        self,
        backlog: Callable[[], Awaitable[Backlog]],
        migrated: Callable[[], Awaitable[bool]],
        features: Callable[[], Awaitable[Mapping[str, str]]],
        metrics: Metrics,
        wal_bytes: Callable[[], int],
    ) -> None:
        self._backlog = backlog
        self._migrated = migrated
        self._features = features
        self._metrics = metrics
        self._wal_bytes = wal_bytes

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Return whether to send traffic to this process, and the checks behind it."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
                backlog, migrated = await self._backlog(), await self._migrated()
                features = await self._features()
        except (SQLAlchemyError, OSError):  # a TimeoutError is one, too
            return False, {"database": "unreachable"}
        is_behind = backlog.lag > MAX_LAG
        checks = {
            "database": "ok",
            "migrations": "ok" if migrated else "missing: run `python3 watch.py migrate`",
            "lag_seconds": round(backlog.lag.total_seconds(), 3),
            "waiting_jobs": backlog.todo,
            "unserved_lanes": backlog.unserved,  # lanes of pools that the settings left out
            "dead_letters": backlog.dead,
            "wal_megabytes": self._wal_bytes() // 1_000_000,  # the log of SQLite
            **features,  # information only: all processes share them
        }
        return migrated and not is_behind, checks

    async def metrics(self) -> bytes:
        """Return Prometheus' text format with the current backlog: NaN without a database."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
                backlog = await self._backlog()
            lag = backlog.lag.total_seconds()
            self._show(backlog.todo, backlog.dead, lag, backlog.unserved)
        except (SQLAlchemyError, OSError):
            self._show(math.nan, math.nan, math.nan, math.nan)
        self._metrics.wal_bytes.set(self._wal_bytes())
        return self._metrics.exposition()

    def _show(self, todo: float, dead: float, lag: float, unserved: float) -> None:
        self._metrics.jobs.labels("todo").set(todo)
        self._metrics.jobs.labels("dead").set(dead)
        self._metrics.lag_seconds.set(lag)
        self._metrics.unserved_lanes.set(unserved)
