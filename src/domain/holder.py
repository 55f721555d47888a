"""Who holds a conversation: the one party that may speak in it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.conversation_status import HUMAN_STATUSES, ConversationStatus
from domain.user import User


class Party(Enum):
    """Those who can hold a conversation."""

    BOT = "bot"
    OPERATOR = "operator"
    PHONE = "phone"
    META_AGENT = "meta agent"
    #: The person is blocked.
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who speaks in a conversation."""

    party: Party
    #: Who it is, as far as it is known: Meta's role of an app, say.
    who: str | None = None
    since: datetime | None = None
    #: When the bot takes over again; None: when the holder lets go.
    until: datetime | None = None

    @property
    def is_bot(self) -> bool:
        """Whether the bot may speak."""
        return self.party is Party.BOT


BOT = Holder(Party.BOT)


def holder_of(person: User, now: datetime) -> Holder:
    """Return who holds the conversation with a person at a moment."""
    status, until = person.status, person.bot_paused_until
    if status == ConversationStatus.BLOCKED:
        return Holder(Party.NOBODY, since=person.held_since)
    if status == ConversationStatus.META_AGENT:
        return Holder(Party.META_AGENT, person.held_by, person.held_since)
    if until is None or until <= now:
        return BOT
    party = Party.PHONE if status == ConversationStatus.PHONE else Party.OPERATOR
    who = person.held_by if status in HUMAN_STATUSES | {ConversationStatus.PHONE} else None
    return Holder(party, who, person.held_since, until)
