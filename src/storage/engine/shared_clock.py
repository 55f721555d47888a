"""The database's clock, which all processes share, as this process knows it."""

import time
from datetime import UTC, datetime

from loguru import logger
from sqlalchemy import Connection

from storage.engine.database import Clock
from utils.elapsed import CLOCK_TOLERANCE_SECONDS


class SharedClock:
    """Reads the clock in each transaction, and tells its time in between."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: Seconds that the database's clock is ahead of this process's own.
        self._ahead = 0.0
        self._latest = 0.0
        #: Number of times that the clock was set back.
        self.steps = 0

    def now(self) -> datetime:
        """Return the database's time: the clocks of the processes may differ."""
        return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    def read(self, connection: Connection) -> float:
        """Ask the database; return seconds since 1970."""
        now = self._clock(connection)
        self._ahead = now - time.time()
        if now < self._latest - CLOCK_TOLERANCE_SECONDS:
            logger.warning("the database's clock was set back {:.0f} s", self._latest - now)
            self.steps += 1
            self._latest = now
        self._latest = max(self._latest, now)
        return now
