"""A clock that moves only when told to."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def advance(self, by: timedelta) -> None:
        self.now += by.total_seconds()
