"""What one event changed in a conversation, for whoever watches the bot at work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """From one state to the next. States hold what the person answered."""

    #: seconds since 1970
    at: float
    #: "message", "timer" or "answer" (of the assistant)
    event: str
    #: of the message; None for the others
    message_id: str | None
    user_id: str | None
    wa_id: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    #: messages that were decided
    replies: int


#: Told of each step; may not fail, and may not wait.
Watcher = Callable[[Step], None]
