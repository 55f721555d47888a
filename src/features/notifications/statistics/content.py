"""What messages come to: the numbers that statistics add up."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.delivery import DeliveryStatus
from features.notifications.stage import Status

#: Seconds from which on delays are rounded, to 3 %, so that a day has few of them.
EXACT_SECONDS = 60
#: The name of a status of the delivery ledger, as callers know it.
SHOWN: Mapping[str, Status] = {
    **{one.value: Status(one.value) for one in DeliveryStatus if one is not DeliveryStatus.PLAYED},
    DeliveryStatus.PLAYED.value: Status.READ,
}


class Kind(NamedTuple):
    """What messages have in common, as the delivery ledger has it."""

    status: str
    error_code: int | None = None
    #: How Meta charges for them.
    pricing: str | None = None
    is_held: bool = False

    @property
    def may_be_cancelled(self) -> bool:
        """Whether those that were cancelled in the outbox are among them."""
        return self.status == DeliveryStatus.FAILED and self.error_code is None


@dataclass(slots=True)
class Content:
    """The numbers of the messages of a label in a part of time."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    #: Cancelled in the outbox: the ledger has them as failed.
    cancelled: int = 0
    #: On their way to Meta for long.
    late: int = 0
    #: Numbers of messages by the seconds from Meta's answer to a status.
    delays: dict[Status, Counter[int]] = field(default_factory=dict)

    def add_delay(self, status: Status, seconds: int, number: int) -> None:
        """Add messages that took so long."""
        self.delays.setdefault(status, Counter())[_rounded(seconds)] += number

    def by_status(self) -> Iterator[tuple[Status, Kind, int]]:
        """Yield the numbers of messages that are alike; cancelled ones once."""
        cancelled = self.cancelled
        if cancelled:
            yield Status.CANCELLED, Kind(Status.CANCELLED.value), cancelled
        for kind, number in self.kinds.items():
            if kind.may_be_cancelled:
                number, cancelled = number - cancelled, 0
            yield SHOWN[kind.status], kind, number

    def to_json(self) -> str:
        """Return what is stored of a day."""
        kinds = [[*kind, number] for kind, number in self.kinds.items()]
        delays = {status: list(found.items()) for status, found in self.delays.items()}
        return json.dumps([kinds, self.cancelled, self.late, delays], separators=(",", ":"))

    @classmethod
    def from_json(cls, stored: str) -> "Content":
        """Return what was stored of a day."""
        kinds, cancelled, late, delays = json.loads(stored)
        return cls(
            Counter({Kind(*kind): number for *kind, number in kinds}),
            cancelled,
            late,
            {Status(status): Counter(dict(found)) for status, found in delays.items()},
        )


def _rounded(seconds: int) -> int:
    if seconds < EXACT_SECONDS:
        return max(seconds, 0)
    unit: int = 1 << (seconds.bit_length() - 5)
    return (seconds + unit // 2) // unit * unit
