"""What calls need of operators who join them: `Calls.join_operators` takes it."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from features.calls.tables import CallRow


@dataclass(frozen=True, slots=True)
class OperatorJoins:
    """An operator takes the call over; `leg` names the connection of their browser."""

    leg: str
    sdp: str = field(repr=False)


class Wish(StrEnum):
    """What an operator in a call wants."""

    #: The call ends.
    HANG_UP = "hang_up"
    #: The bot talks on.
    HAND_BACK = "hand_back"


@dataclass(frozen=True, slots=True)
class OperatorWishes:
    """What the operator in the call wants now."""

    leg: str
    wish: Wish


class CallOperators(Protocol):
    """The operators who may take calls over."""

    @property
    def patience(self) -> timedelta:
        """How long a caller waits for one of them."""
        ...

    def are_there(self) -> Awaitable[bool]:
        """Return whether an operator could take a call now."""
        ...

    def want(self, row: CallRow) -> Awaitable[None]:
        """Let operators see that a caller waits for one of them, until `forget`."""
        ...

    def forget(self, row: CallRow) -> Awaitable[None]:
        """Let operators see that a caller waits no longer."""
        ...

    def answer(self, leg: str, sdp: str) -> Awaitable[None]:
        """Give the browser of an operator the SDP answer."""
        ...

    def talk(self, leg: str) -> Awaitable[None]:
        """Note that an operator and the caller hear each other."""
        ...

    def leave(self, leg: str) -> Awaitable[None]:
        """Note that an operator is not in the call, or no longer."""
        ...
