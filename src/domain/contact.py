"""What operators see of a conversation, and what they decide about it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.user import User

#: After a person wrote, a business may write freely for so long (Meta).
WINDOW = timedelta(hours=24)


class ConversationStatus(StrEnum):
    """Who answers a person; the words that operators choose from."""

    BOT = "Bot"
    #: the person asked for somebody
    NEEDS_HUMAN = "Needs human"
    HUMAN = "Human"
    CLOSED = "Closed"
    #: nobody answers
    BLOCKED = "Blocked"


#: The bot keeps silent while one of these holds.
HUMAN_STATUSES = frozenset({ConversationStatus.NEEDS_HUMAN, ConversationStatus.HUMAN})


@dataclass(frozen=True, slots=True)
class Contact:
    """One conversation on the operators' desk."""

    user: User
    phone_number_id: str
    last_inbound_at: datetime | None
    #: the beginning of it
    last_message: str | None
    #: messages since an operator, or the bot, answered last
    unread: int
    #: why the last thing that we sent did not arrive
    problem: str | None
    #: what became of an operator's reply
    reply_result: str | None
    #: the reply that was sent and whose tick is still to be taken away
    reply_taken: str | None
    #: the bot changed `user.status`, and Airtable does not know yet
    status_changed_by_bot: bool
    #: Airtable's id of its record
    record_id: str | None
    erase_at: datetime | None
    #: what operators call this person: a JSON list of texts
    tags: str | None
    #: when this person was sent a piece of marketing last
    broadcast_at: datetime | None
    #: in which broadcast
    broadcast_id: str | None
    #: counts changes
    rev: int
    #: how often Airtable refused the record
    tries: int

    @property
    def tag_names(self) -> frozenset[str]:
        return frozenset(json.loads(self.tags or "[]"))

    @property
    def window_closes_at(self) -> datetime | None:
        return self.last_inbound_at + WINDOW if self.last_inbound_at else None

    def is_window_open(self, now: datetime) -> bool:
        return self.window_closes_at is not None and now <= self.window_closes_at


@dataclass(frozen=True, slots=True)
class Ticket:
    """Somebody asked for a person."""

    id: str
    user_key: str
    #: what they had written
    asked: str | None
    opened_at: datetime
    closed_at: datetime | None
    #: Airtable's id of its record
    record_id: str | None
    #: counts changes
    rev: int
    #: Airtable's id of the person's record in Contacts
    contact_record: str | None


#: What a consent event may be: to keep data, to be sent offers, to be written to at all.
CONSENT_EVENTS = (
    "agreed",
    "withdrew",
    "agreed to marketing",
    "no more marketing",
    "opted out",
    "opted in",
)


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """Somebody agreed to something, or took it back."""

    id: str
    user_key: str
    #: one of CONSENT_EVENTS
    event: str
    #: the version of the privacy text that was shown, or the words that were written
    detail: str | None
    at: datetime
    #: Airtable's id of its record
    record_id: str | None
    #: counts changes
    rev: int
    #: Airtable's id of the person's record in Contacts
    contact_record: str | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question to which nothing that operators wrote is near."""

    id: str
    user_key: str
    question: str
    language: str
    asked_at: datetime
    #: Airtable's id of its record
    record_id: str | None
    #: counts changes
    rev: int
    #: Airtable's id of the person's record in Contacts
    contact_record: str | None


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as operators see it."""

    #: Meta's of what a person wrote, ours of what was sent
    id: str
    user_key: str
    #: "in" or "out"
    direction: str
    #: Meta's type
    type: str
    text: str | None
    #: of what was sent: how far it got
    status: str | None
    #: why it did not arrive
    error: str | None
    at: datetime
    #: Airtable's id of its record
    record_id: str | None
    #: counts changes
    rev: int
    #: Airtable's id of the person's record in Contacts
    contact_record: str | None
