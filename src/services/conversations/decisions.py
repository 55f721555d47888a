"""What a turn decides: messages, timers, jobs, writes, and changes of what is known.

Helpers of a turn return decisions; nothing happens until all of them are committed together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.model import NewJob, NewTimer
from schemas.cloud_api_schema import OutgoingMessage
from services.sending.outbox import Upload
from storage.engine.write import Write


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send, with its file if it has one."""

    message: OutgoingMessage
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """Append-only: `first + second` decides both, in this order."""

    messages: tuple[Outgoing, ...] = ()
    #: Parts of the `ConversationState` that change.
    state: Mapping[str, object] = field(default_factory=dict)
    #: Fields of the `User` that change.
    user: Mapping[str, Any] = field(default_factory=dict)
    #: The language of all that is said afterwards.
    language: str | None = None
    #: By name: set or moved, or cancelled (None).
    timers: Mapping[str, NewTimer | None] = field(default_factory=dict)
    jobs: tuple[NewJob, ...] = ()
    writes: tuple[Write, ...] = ()

    def __add__(self, later: "Decisions") -> "Decisions":
        if later is NOTHING:
            return self
        if self is NOTHING:
            return later
        return Decisions(
            self.messages + later.messages,
            {**self.state, **later.state},
            {**self.user, **later.user},
            later.language or self.language,
            {**self.timers, **later.timers},
            self.jobs + later.jobs,
            self.writes + later.writes,
        )


#: The decision to do nothing.
NOTHING = Decisions()


def sending(messages: Iterable[OutgoingMessage]) -> Decisions:
    """Decide to send these, in this order."""
    return Decisions(messages=tuple(map(Outgoing, messages)))


def writing(*writes: Write) -> Decisions:
    """Decide to write these rows with the turn."""
    return Decisions(writes=writes)


def enqueueing(jobs: Sequence[NewJob]) -> Decisions:
    """Decide to store these jobs with the turn."""
    return Decisions(jobs=tuple(jobs))


def all_of(decisions: Iterable[Decisions]) -> Decisions:
    """Add decisions up, in their order."""
    total = NOTHING
    for one in decisions:
        total += one
    return total
