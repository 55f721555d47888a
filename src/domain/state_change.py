"""What one event changed in a conversation, for whoever watches the bot at work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StateChange:
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
    #: the person's name, as far as it is known; shown in development only, like `text`
    name: str = ""
    #: what the person wrote; empty for other events
    text: str = ""
    #: the stage of the routing table that took the message
    stage: str = ""
    #: milliseconds from the start of the job to its decisions
    took_ms: float = 0.0


#: Told of each step; may not fail, and may not wait.
StateObserver = Callable[[StateChange], None]
