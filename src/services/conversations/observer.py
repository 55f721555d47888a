"""What keeps rows about conversations (features subclass it), and all who hear of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.delivery import StatusReport
from domain.domain_event import DomainEvent
from domain.user import User
from jobs.model import NewJob
from services.conversations.decisions import NOTHING, Decisions, all_of, writing
from services.conversations.domain_events import EventListener, holder_changed
from services.conversations.turn import ConversationTurn
from storage.engine.write import Write


@dataclass(frozen=True, slots=True)
class EchoedMessage:
    """A message that somebody else sent from our number: the owner's phone, or Meta's agent."""

    message_id: str
    #: to whom
    user: User
    #: Meta's type of the message
    kind: str
    text: str | None
    at: datetime
    #: from which of our numbers
    phone_number_id: str
    by_agent: bool


class ConversationObserver:
    """Keeps rows about conversations. Subclasses override what they keep; each returns writes."""

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        """A turn was decided; `after.message` is the message as it was understood."""
        return ()

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        """Somebody else answers this person from now on; `user.status` says who."""
        return ()

    def handed_back(self, user: User) -> Sequence[Write]:
        """Operators are done with what this person wrote, and the bot answers again."""
        return ()

    def message_queued(
        self, key: str, user: User, message: Mapping[str, Any], at: datetime
    ) -> Sequence[Write]:
        """A message waits to be sent; `key` is its delivery id, `message` Meta's JSON."""
        return ()

    def send_failed(self, key: str, reason: str) -> Sequence[Write]:
        """Meta did not take a message."""
        return ()

    def message_echoed(self, echoed: EchoedMessage) -> Sequence[Write]:
        """Somebody else sent a message from our number."""
        return ()

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        """Something happened in a conversation that operators should read."""
        return ()

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        """Meta reported what became of messages."""
        return ()


#: Returns the jobs that follow new statuses of messages.
Follower = Callable[[Sequence[StatusReport]], Iterable[NewJob]]


@dataclass(slots=True)
class Hearing:
    """Who hears what happens, keeps rows about it, and follows what becomes of messages."""

    observers: list[ConversationObserver] = field(default_factory=list)
    listeners: list[EventListener] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)

    def wants(self, *event_types: str) -> bool:
        """Return whether anybody listens to events of one of these types."""
        return any(one.wants(name) for one in self.listeners for name in event_types)

    def happened(self, event: DomainEvent | None) -> Decisions:
        """Decide what is stored because of an event; nothing for None."""
        if event is None:
            return NOTHING
        return all_of(one.heard(event) for one in self.listeners if one.wants(event.type))

    def reported(self, statuses: Sequence[StatusReport]) -> list[NewJob]:
        """Return the jobs that follow new statuses of messages."""
        return [job for follow in self.followers for job in follow(statuses)]

    def status_changed(
        self, user: User, was: str | None, at: datetime, *, by_bot: bool
    ) -> Decisions:
        """Decide what is stored when somebody else answers a person than before."""
        shown = [
            write
            for observer in self.observers
            for write in observer.status_changed(user, at, by_bot=by_bot)
        ]
        heard = self.happened(holder_changed(user, was, at)) if self.listeners else NOTHING
        return writing(*shown) + heard

    def handed_back(self, user: User) -> list[Write]:
        """Return the writes of what observers keep, once operators are done with a person."""
        return [write for observer in self.observers for write in observer.handed_back(user)]
