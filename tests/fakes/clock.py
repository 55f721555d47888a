"""A clock that moves only when told to."""

from datetime import UTC, datetime

from emulator.clock import SteppedClock


class ManualClock(SteppedClock):
    """As the bot reads it: aware."""

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)
