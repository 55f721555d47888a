"""What messages are counted as: names, which the triggers of the database write as well.

The name of a kind has the status, Meta's error code, 1 if Meta holds the message, and how Meta
charges for it: "failed:131026::regular". That of a delay has the status and seconds: "to_read:60".
The triggers are those of the migration `0041_counts_of_messages`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from domain.delivery import DeliveryStatus
from features.notifications.stage import Status

#: Seconds from which on delays are rounded, to 3 %, so that there are few of them.
EXACT_SECONDS = 60
#: Most bits of a number of seconds that are told apart.
MOST_BITS = 31
#: The name of a status of the delivery ledger, as callers know it.
SHOWN: Mapping[str, Status] = {
    **{one.value: Status(one.value) for one in DeliveryStatus if one is not DeliveryStatus.PLAYED},
    DeliveryStatus.PLAYED.value: Status.READ,
    Status.CANCELLED.value: Status.CANCELLED,
}
#: Beginnings of the names of delays.
DELAYS: Mapping[str, Status] = {"to_delivered": Status.DELIVERED, "to_read": Status.READ}

#: Numbers of messages by name.
Numbers = Counter[str]


class Kind(NamedTuple):
    """What messages have in common."""

    status: Status
    #: Meta's, as text; empty for what the bot did not send.
    error_code: str
    is_held: bool
    #: How Meta charges for them.
    pricing: str


def kind_name(
    status: str,
    code: int | None = None,
    is_held: bool | None = None,
    pricing: str | None = None,
) -> str:
    """Return the name of a kind."""
    return f"{status}:{'' if code is None else code}:{'1' if is_held else ''}:{pricing or ''}"


@lru_cache(maxsize=1_000)
def kind_of(name: str) -> Kind:
    """Return the kind that a name is of."""
    status, code, held, pricing = name.split(":", 3)
    return Kind(SHOWN[status], code, bool(held), pricing)


def delay_name(beginning: str, seconds: int) -> str:
    """Return the name of a delay."""
    return f"{beginning}:{_rounded(seconds)}"


@lru_cache(maxsize=10_000)  # most groups have the same names
def delay_of(name: str) -> tuple[Status, int] | None:
    """Return the status and the seconds of a delay; None if the name is that of a kind."""
    beginning, _, rest = name.partition(":")
    status = DELAYS.get(beginning)
    return None if status is None else (status, int(rest))


def add(to: Counter[str], numbers: Mapping[str, int]) -> None:
    """Add numbers, none of which is 0; what comes to nothing is left out."""
    if not to:
        to |= numbers
        return
    known = to.get
    for name, number in numbers.items():
        if total := known(name, 0) + number:
            to[name] = total
        else:
            to.pop(name, None)


def to_json(numbers: object) -> str:
    """Return what is stored of a day."""
    return json.dumps(numbers, separators=(",", ":"))


def _rounded(seconds: int) -> int:
    if seconds < EXACT_SECONDS:
        return max(seconds, 0)
    unit: int = 1 << (min(seconds.bit_length(), MOST_BITS) - 5)
    return (seconds + unit // 2) // unit * unit
