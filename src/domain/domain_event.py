"""What happened in the bot, for features that tell other programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Something that happened. It is decided in a turn, and kept by the commit of that turn."""

    #: Such as "message.received"; docs/callbacks.md lists all.
    type: str
    #: The same event has the same id, also when it is decided a second time.
    id: str
    at: datetime
    #: What it is about: events of one subject are told in their order.
    subject: str
    #: What anybody may know: ids, statuses, times.
    data: Mapping[str, Any]
    #: What is private: phone numbers, names, and what people wrote.
    private: Mapping[str, Any] = field(default_factory=dict)
    #: Key of the person whom it is about; with them, it is erased.
    user_key: str | None = None
