"""Health checks and metrics: whether the bot can work, and how far behind it is."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from utils.metrics import Metrics
from utils.shared_answer import SharedAnswer

#: Longest wait of due work before the bot counts as not ready.
MAX_LAG = timedelta(seconds=60)
#: Longest wait for the database; load balancers give up by then.
ANSWER_TIMEOUT = timedelta(seconds=5)
#: Time for which an answer of the database serves all who ask.
KEEP = timedelta(seconds=1)


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
    #: Lanes with a state that could not be read and was put aside.
    unreadable: int
    #: What the database's commits survive.
    durability: str
    #: People whose erasure was requested and is not done yet.
    open_erasures: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the database and the features showed."""

    backlog: Backlog
    is_migrated: bool
    features: Mapping[str, str]


class HealthController:
    """Answers health checks. A failure of `look`, which asks the database, is "not ready".

    `runs_jobs`: this process is not ready while work waits for too long. One that only stores
    webhooks still can, however far behind the workers are.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Look]],
        metrics: Metrics,
        wal_bytes: Callable[[], int],
        *,
        runs_jobs: bool,
        keep: timedelta = KEEP,
    ) -> None:
        self._look = SharedAnswer(look, seconds=keep.total_seconds())
        self._metrics = metrics
        self._runs_jobs = runs_jobs
        self._wal_bytes = wal_bytes
        #: Returns more lines for those who may see details.
        self.more: Callable[[], Mapping[str, str]] = dict

    async def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Return whether to send traffic to this process, and the checks behind it."""
        look = await self._look_in_time()
        if look is None:
            return False, {"database": "unreachable"}
        backlog = look.backlog
        is_behind = self._runs_jobs and backlog.lag > MAX_LAG
        checks = {
            "database": "ok",
            "durability": backlog.durability,
            "migrations": "ok" if look.is_migrated else "missing: run `python3 watch.py migrate`",
            "lag_seconds": round(backlog.lag.total_seconds(), 3),
            "waiting_jobs": backlog.todo,
            "unserved_lanes": backlog.unserved,  # lanes of pools that the settings left out
            "dead_letters": backlog.dead,
            "unreadable_states": backlog.unreadable,
            "open_erasures": backlog.open_erasures,
            "wal_megabytes": self._wal_bytes() // 1_000_000,  # the log of SQLite
            **look.features,  # information only: all processes share them
            **self.more(),
        }
        return look.is_migrated and not is_behind, checks

    async def metrics(self) -> bytes:
        """Return Prometheus' text format with the current backlog: NaN without a database."""
        look = await self._look_in_time()
        self._show(None if look is None else look.backlog)
        self._metrics.wal_bytes.set(self._wal_bytes())
        return self._metrics.exposition()

    async def _look_in_time(self) -> Look | None:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT.total_seconds()):
                return await self._look.get()
        except (SQLAlchemyError, OSError):  # a TimeoutError is one, too
            return None

    def _show(self, backlog: Backlog | None) -> None:
        """Set the gauges; NaN without a backlog."""
        to_do = self._metrics.jobs.labels("todo")
        dead = self._metrics.jobs.labels("dead")
        to_do.set(math.nan if backlog is None else backlog.todo)
        dead.set(math.nan if backlog is None else backlog.dead)
        metrics = self._metrics
        metrics.lag_seconds.set(math.nan if backlog is None else backlog.lag.total_seconds())
        metrics.unserved_lanes.set(math.nan if backlog is None else backlog.unserved)
        metrics.unreadable_states.set(math.nan if backlog is None else backlog.unreadable)
        metrics.open_erasures.set(math.nan if backlog is None else backlog.open_erasures)
