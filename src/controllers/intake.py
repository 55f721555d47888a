"""Turns one webhook body into jobs and writes: all of it, whatever it holds."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from domain.delivery import StatusReport
from domain.inbound import Sender
from domain.lane_names import lane_name
from jobs.model import Encoded, NewJob
from schemas.reading import Contacts, identifier, read_status, sender_of
from schemas.webhook_schema import Change, Contact, Message, Value, WebhookMessage

#: Fields of a value that are stored with its messages and statuses.
KNOWN = frozenset({"messaging_product", "metadata", "contacts", "messages", "statuses"})


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message of a person, before it is known in which lane it goes."""

    sender: Sender
    phone_number_id: str
    message: Message
    contact: Contact | None

    def job(self, user_key: str) -> NewJob:
        stored = _StoredMessage(self.phone_number_id, self.contact, self.message)
        lane = lane_name("in", self.phone_number_id, user_key)
        key = f"{self.phone_number_id}:{identifier(self.message.id)}"
        return NewJob(lane, "message", Encoded(stored.json()), key)


@dataclass(frozen=True, slots=True)
class _StoredMessage:
    """What `schemas.reading.read_inbound` reads, all of it as it came."""

    phone_number_id: str
    contact: Contact | None
    message: Message

    def json(self) -> str:
        try:
            return _stored.dump_json(self, by_alias=True, exclude_unset=True).decode()
        except PydanticSerializationError:  # half a character, which UTF-8 cannot hold
            return json.dumps(_stored.dump_python(self, by_alias=True, exclude_unset=True))


_stored = TypeAdapter(_StoredMessage)


@dataclass(slots=True)
class Intake:
    """What a webhook body brought."""

    messages: list[InboundMessage] = field(default_factory=list)
    statuses: list[StatusReport] = field(default_factory=list)
    #: what this bot does not act upon: kept all the same
    unhandled: list[NewJob] = field(default_factory=list)


def sort_webhook(webhook: WebhookMessage) -> Intake:
    """Sort every entry, change, message and status of a body."""
    intake = Intake()
    changes = [change for entry in webhook.entry for change in entry.changes]
    for change in changes:
        _sort_change(change, intake)
    if not changes:
        intake.unhandled.append(other_job("-", "webhook", webhook.received()))
    return intake


def other_job(phone_number_id: str, field: str, value: Any) -> NewJob:
    """Keeps something as it came; Meta's redelivery of the same is recognised by its hash."""
    body = {"field": field, "value": value}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return NewJob(f"other:{phone_number_id}", "other", body, key=f"other:{digest}")


def _sort_change(change: Change, intake: Intake) -> None:
    value = change.value or Value()
    metadata = value.metadata
    phone_number_id = identifier(metadata.phone_number_id if metadata else None) or "-"
    name = change.field or "-"
    contacts = Contacts(value.contacts or [])
    for message in value.messages or []:
        contact = contacts.of(message)
        message_of = InboundMessage(sender_of(message, contact), phone_number_id, message, contact)
        if _is_addressed(message_of):
            intake.messages.append(message_of)
        else:
            kept = {"messages": [message.received()]}
            intake.unhandled.append(other_job(phone_number_id, name, kept))
    for status in value.statuses or []:
        if report := read_status(status):
            intake.statuses.append(report)
        else:
            kept = {"statuses": [status.received()]}
            intake.unhandled.append(other_job(phone_number_id, name, kept))
    if rest := dict(_what_else(change, value)):
        intake.unhandled.append(other_job(phone_number_id, name, rest))


def _is_addressed(message_of: InboundMessage) -> bool:
    """From somebody, to us alone, and with an id by which a redelivery is known."""
    message = message_of.message
    is_from_somebody = message_of.sender.user_id or message_of.sender.wa_id
    return bool(is_from_somebody and message.id and message.group_id is None)


def _what_else(change: Change, value: Value) -> Iterator[tuple[str, Any]]:
    """What a change holds besides readable messages and statuses, if anything."""
    if change.value is None:
        yield "change", change.received()
    unhandled = value.model_fields_set - KNOWN
    if unhandled and (value.messages is None and value.statuses is None):
        unhandled = value.model_fields_set - (KNOWN - {"contacts"})
    if unhandled:
        received = value.received()
        yield from ((name, received[name]) for name in sorted(unhandled))
