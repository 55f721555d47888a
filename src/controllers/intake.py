"""Turns one webhook body into jobs and status reports, without leaving anything out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from loguru import logger
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from controllers.event_intake import FieldReaders, event_jobs, other_job
from controllers.person_intake import item_of_failure, items_about_people, standby_value
from domain.delivery import StatusReport
from domain.inbound import Sender
from jobs.model import Encoded, NewJob
from schemas.echoes import HANDOVERS, STANDBY, number_of_handover
from schemas.reading import ContactIndex, identifier, read_status, sender_of
from schemas.webhook_schema import Change, Contact, Message, Status, Value, WebhookMessage
from services.conversations.job_specs import CONVERSATIONS, MESSAGE
from services.conversations.person_items import PersonItem
from services.conversations.unknown_statuses import status_job
from services.sending.numbers import Numbers

#: Keys of a value that are stored with its messages and statuses.
KNOWN = frozenset({"messaging_product", "metadata", "contacts", "messages", "statuses"})
#: Field under which the changes of another phone number are kept: nothing handles it.
OTHER_NUMBER = "other_number"


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message of a person, before its lane is known."""

    sender: Sender
    phone_number_id: str
    message: Message
    contact: Contact | None
    #: Whether another app holds the conversation.
    is_standby: bool = False

    def job(self, user_key: str) -> NewJob:
        """Return the job of this message, in the lane of the user."""
        kind = _StoredStandby if self.is_standby else _StoredMessage
        stored = kind(self.phone_number_id, self.contact, self.message)
        lane = CONVERSATIONS.lane(self.phone_number_id, user_key)
        key = f"{self.phone_number_id}:{identifier(self.message.id)}"
        return MESSAGE.new(lane, Encoded(stored.json()), key=key)


@dataclass(frozen=True, slots=True)
class _StoredMessage:
    """A message as it was received, for `schemas.reading.read_inbound`."""

    phone_number_id: str
    contact: Contact | None
    message: Message

    def json(self) -> str:
        """Return the message as JSON, also with lone surrogates, which UTF-8 cannot encode."""
        try:
            stored: bytes = self._adapter().dump_json(self, by_alias=True, exclude_unset=True)
            return stored.decode()
        except PydanticSerializationError:
            return json.dumps(self._adapter().dump_python(self, by_alias=True, exclude_unset=True))

    @classmethod
    @cache
    def _adapter(cls) -> TypeAdapter[Any]:
        return TypeAdapter(cls)


@dataclass(frozen=True, slots=True)
class _StoredStandby(_StoredMessage):
    """A message in a conversation that another app holds."""

    is_standby: bool = True


@dataclass(slots=True)
class Intake:
    """The content of a webhook body."""

    messages: list[InboundMessage] = field(default_factory=list)
    #: What webhooks report about people, besides their messages.
    about_people: list[PersonItem] = field(default_factory=list)
    #: Messages and reports about people, in the order of the body.
    in_order: list[InboundMessage | PersonItem] = field(default_factory=list)
    statuses: list[StatusReport] = field(default_factory=list)
    #: Jobs that keep statuses without the id of a row, until it is there.
    kept_statuses: list[NewJob] = field(default_factory=list)
    #: Jobs that only keep an event which the bot does not act on.
    unhandled: list[NewJob] = field(default_factory=list)
    #: Jobs that only keep a change of another phone number.
    of_other_numbers: list[NewJob] = field(default_factory=list)
    #: One of those phone number IDs.
    other_number: str | None = None


def sort_webhook(
    webhook: WebhookMessage, numbers: Numbers | None, readers: FieldReaders | None = None
) -> Intake:
    """Sort every entry, change, message and status of a body into jobs and reports.

    Webhooks belong to an app, which may have more numbers than ours: what was sent to another one
    is kept, and neither answered nor counted as a status of ours. Without `numbers`, all is so.
    `readers` are those of features, by the field that they read.
    """
    intake = Intake()
    changes = [(entry, change) for entry in webhook.entry for change in entry.changes]
    for entry, change in changes:
        number = number_of(change)
        if numbers is not None and (number == "-" or number in numbers):
            origin = f"{entry.id}:{entry.time}"
            if not _is_read_by_feature(change, number, intake, readers or {}, origin=origin):
                _sort_change(change, number, intake, numbers, origin=origin)
        else:
            intake.of_other_numbers.append(other_job(number, OTHER_NUMBER, change.received()))
            intake.other_number = number
    if not changes:
        intake.unhandled.append(other_job("-", "webhook", webhook.received()))
    return intake


def warn_of_another_number(other: str, own: str) -> None:
    """Log that webhooks of another number arrive, and what to do; no more than ends of IDs."""
    logger.warning(
        "webhooks of another phone number arrive (ID ending in {}), and are kept without an answer:"
        " WP_PHONE_ID ends in {}. Correct it. Or add the other number, if it is yours too"
        " (`python3 watch.py numbers add`); or give it a callback URL of its own (an override)",
        other[-4:],
        own[-4:],
    )


def number_of(change: Change) -> str:
    """Return the phone number ID of a change; "-" for changes of the whole account."""
    value = change.value
    metadata = value.metadata if value else None
    number = identifier(metadata.phone_number_id if metadata else None)
    if number is None and value is not None and change.field == HANDOVERS:
        number = number_of_handover(value.model_extra or {})
    return number or "-"


def _is_read_by_feature(
    change: Change, phone_number_id: str, intake: Intake, readers: FieldReaders, *, origin: str
) -> bool:
    """Have a feature read a change of its field; the rest of it is an event like others."""
    name = change.field or "-"
    reader = readers.get(name) if phone_number_id != "-" else None
    if reader is None or change.value is None:
        return False
    content = reader(phone_number_id, change.value.received())
    intake.about_people += content.about_people
    intake.in_order += content.about_people
    if content.rest:
        intake.unhandled += event_jobs(phone_number_id, name, content.rest, origin=origin)
    return True


def _sort_change(
    change: Change, phone_number_id: str, intake: Intake, numbers: Numbers, *, origin: str
) -> None:
    name = change.field or "-"
    is_standby = name == STANDBY
    value = change.value or Value()
    value = standby_value(value) if is_standby else value
    contacts = ContactIndex(value.contacts or [])
    for message in value.messages or []:
        contact = contacts.of(message)
        inbound = InboundMessage(
            sender_of(message, contact), phone_number_id, message, contact, is_standby
        )
        if _is_addressed(inbound) and not _is_own(message, value, numbers):
            intake.messages.append(inbound)
            intake.in_order.append(inbound)
        else:
            kept = {"messages": [message.received()]}
            intake.unhandled.append(other_job(phone_number_id, name, kept))
    for status in value.statuses or []:
        if not _sort_status(status, phone_number_id, intake, is_standby=is_standby):
            kept = {"statuses": [status.received()]}
            intake.unhandled.append(other_job(phone_number_id, name, kept))
    if phone_number_id != "-":
        about_people = list(items_about_people(phone_number_id, name, value))
        intake.about_people += about_people
        intake.in_order += about_people
    if rest := dict(_what_else(change, value)):
        intake.unhandled += event_jobs(phone_number_id, name, rest, origin=origin)


def _sort_status(status: Status, phone_number_id: str, intake: Intake, *, is_standby: bool) -> bool:
    """Note what a status says; return False for one that says nothing."""
    report = read_status(status)
    if report is None:
        return False
    intake.statuses.append(report)
    if report.callback_data is None and not is_standby:
        intake.kept_statuses.append(status_job(phone_number_id, report))
    if (item := item_of_failure(phone_number_id, status, report)) is not None:
        intake.about_people.append(item)
        intake.in_order.append(item)
    return True


def _is_addressed(inbound: InboundMessage) -> bool:
    """Return whether a message has a sender and an id, and was not written in a group."""
    message = inbound.message
    has_sender = inbound.sender.user_id or inbound.sender.wa_id
    return bool(has_sender and message.id and message.group_id is None)


def _is_own(message: Message, value: Value, numbers: Numbers) -> bool:
    """Return whether a message was sent from a number of ours: nobody is to be answered."""
    shown = value.metadata.display_phone_number if value.metadata else None
    digits = "".join(filter(str.isdecimal, shown or ""))
    return (bool(digits) and message.from_ == digits) or numbers.displays(message.from_ or "")


def _what_else(change: Change, value: Value) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a change other than readable messages and statuses."""
    if change.value is None:
        yield "change", change.received()
    unhandled = value.model_fields_set - KNOWN
    if unhandled and (value.messages is None and value.statuses is None):
        unhandled = value.model_fields_set - (KNOWN - {"contacts"})
    if unhandled:
        received = value.received()
        yield from ((name, received[name]) for name in sorted(unhandled))
