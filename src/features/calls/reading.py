"""Reads webhooks of the field `calls` into jobs about the people who call. Never raises.

Everything but `id` and `event` may be missing: people with a username have no number, and one of
Meta's samples lacks `direction` and swaps both sides.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/reference
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.inbound import Sender
from features.calls.job_specs import (
    ANSWERED,
    CONNECT,
    STATUS,
    TERMINATE,
    AnsweredJob,
    ConnectJob,
    StatusJob,
    TerminateJob,
)
from schemas.reading import ContactIndex, identifier, read_time, sender_of
from schemas.webhook_schema import MAX_ITEMS, Contact, Message, Value
from services.conversations.person_items import PersonItem
from services.conversations.webhook_events import FieldContent
from utils.storable_text import strip_unstorable

#: Longest SDP of an offer, in characters; Meta's have 2 to 4 thousand.
MAX_SDP_CHARS = 16_384
#: Longest payload of a button (Meta), in characters.
MAX_PAYLOAD_CHARS = 512
#: Longest status that is read, in characters.
MAX_STATUS_CHARS = 40
OUTGOING = "BUSINESS_INITIATED"
#: What is beside the events of every change.
FRAME = frozenset({"messaging_product", "metadata"})


@dataclass(frozen=True, slots=True)
class _Event:
    """One item of `calls`, beside what the change says of all of them."""

    item: Mapping[str, Any]
    phone_number_id: str
    value: Mapping[str, Any]
    contacts: ContactIndex
    #: Our number as people see it, digits only.
    own: str

    @property
    def is_outgoing(self) -> bool:
        """Whether we called: an offer is always of a person, an answer always to a call of ours."""
        if self._session.get("sdp_type") == "answer":
            return True
        return self.item.get("direction") == OUTGOING and not self.sdp

    @property
    def call(self) -> str | None:
        """Meta's id of the call."""
        return identifier(self.item.get("id"))

    @property
    def sdp(self) -> str:
        """The offer; empty without one, and for one that is too long, or is not ASCII."""
        return self._sdp if self._session.get("sdp_type") in ("offer", None) else ""

    @property
    def _session(self) -> Mapping[str, Any]:
        return _mapping(self.item.get("session"))

    @property
    def _sdp(self) -> str:
        sdp = self._session.get("sdp")
        if not isinstance(sdp, str) or len(sdp) > MAX_SDP_CHARS:
            return ""
        return sdp if sdp.isascii() and "\0" not in sdp else ""

    @property
    def person(self) -> Sender:
        """The other side, from its ids and the contacts: a number of ours is nobody's."""
        ours, theirs = ("from", "to") if self.is_outgoing else ("to", "from")
        user_id = self.item.get(f"{theirs}_user_id") or self.item.get(f"{ours}_user_id")
        number = identifier(self.item.get(theirs))
        number = None if number is None or _digits(number) == self.own else number
        named = Message.read({"from": number, "from_user_id": identifier(user_id)})
        contact = self.contacts.of(named)
        if contact is not None and contact.wa_id:  # it is the person; `from` may be swapped
            named = Message.read({"from_user_id": identifier(user_id)})
        return sender_of(named, contact)

    def items(self) -> Iterator[PersonItem]:
        """Yield the job of this event, if it is one that is acted on."""
        name, call, person = self.item.get("event"), self.call, self.person
        if call is None or not (person.user_id or person.wa_id):
            return
        key = f"voice:{self.phone_number_id}:{call}:{name}"
        if name == "connect" and not self.is_outgoing:
            yield PersonItem(person, self.phone_number_id, CONNECT, self._connect(call), key)
        if name == "connect" and self.is_outgoing:
            answered = AnsweredJob(call=call, sdp=self._sdp)
            yield PersonItem(person, self.phone_number_id, ANSWERED, answered, key)
        if name == "terminate":
            yield PersonItem(person, self.phone_number_id, TERMINATE, self.terminate(call), key)

    def _connect(self, call: str) -> ConnectJob:
        payload = self.item.get("cta_payload") or self.item.get("deeplink_payload")
        text = strip_unstorable(payload)[:MAX_PAYLOAD_CHARS] if isinstance(payload, str) else None
        at = _seconds(self.item.get("timestamp"))
        return ConnectJob(call=call, at=at, sdp=self.sdp, payload=text)

    def terminate(self, call: str) -> TerminateJob:
        """Return what the end of a call says."""
        status = self.item.get("status")
        return TerminateJob(
            call=call,
            at=_seconds(self.item.get("timestamp")),
            status=status.upper() if isinstance(status, str) else "",
            started_at=_seconds(self.item.get("start_time")),
            ended_at=_seconds(self.item.get("end_time")),
            duration=_whole(self.item.get("duration")),
            error=_error_code(self.item.get("errors")) or _error_code(self.value.get("errors")),
            is_outgoing=self.is_outgoing,
        )


def read_calls(phone_number_id: str, value: Mapping[str, Any]) -> FieldContent:
    """Sort a change into jobs about people, and what nothing is done about, which is kept."""
    items: list[PersonItem] = []
    kept: list[Mapping[str, Any]] = []
    for event in _events(phone_number_id, value):
        made = list(event.items())
        items += made
        kept += [] if made else [_without_session(event.item)]
    statuses = _objects(value.get("statuses"))
    told = [one for status in statuses for one in _status(phone_number_id, status)]
    items += told
    read = FRAME | {"calls"} | ({"errors"} if items else frozenset())
    read |= {"statuses"} if told and len(told) == len(statuses) else frozenset()
    rest = {name: part for name, part in value.items() if name not in read}
    rest |= {"calls": kept} if kept else {}
    return FieldContent(items, {} if items and rest.keys() <= {"contacts"} else rest)


def _status(phone_number_id: str, item: Mapping[str, Any]) -> Iterator[PersonItem]:
    """Yield the job of a status of a call of ours."""
    call, status = identifier(item.get("id")), item.get("status")
    ids = {"from": item.get("recipient_id"), "from_user_id": item.get("recipient_user_id")}
    person = sender_of(Message.read({name: identifier(one) for name, one in ids.items()}), None)
    if call is None or not isinstance(status, str) or item.get("type") != "call":
        return
    if person.user_id or person.wa_id:
        name = status.upper()[:MAX_STATUS_CHARS]
        key = f"voice:{phone_number_id}:{call}:{name}"
        yield PersonItem(person, phone_number_id, STATUS, StatusJob(call=call, status=name), key)


def ends_without_person(value: Any) -> Iterator[TerminateJob]:
    """Yield the ends of calls whose person the webhook does not name: the call's row does."""
    for event in _events("-", _mapping(value)):
        if event.item.get("event") == "terminate" and (call := event.call) is not None:
            yield event.terminate(call)


def _events(phone_number_id: str, value: Mapping[str, Any]) -> Iterator[_Event]:
    calls = value.get("calls")
    contacts = ContactIndex([Contact.read(one) for one in _objects(value.get("contacts"))])
    shown = Value.read(dict(value)).metadata
    own = _digits(shown.display_phone_number or "") if shown else ""
    for item in _objects(calls):
        yield _Event(item, phone_number_id, value, contacts, own or "-")


def _without_session(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out the SDP, which holds addresses and keys."""
    return {name: part for name, part in item.items() if name not in ("session", "connection")}


def _objects(items: Any) -> Sequence[dict[str, Any]]:
    """Return the objects of a list, which may be anything."""
    listed = items[:MAX_ITEMS] if isinstance(items, list) else []
    return [one for one in listed if isinstance(one, dict)]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _digits(number: str) -> str:
    return "".join(filter(str.isdecimal, number))


def _seconds(value: Any) -> float | None:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    moment = read_time(text)
    return None if moment is None else moment.timestamp()


def _whole(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 9 else None


def _error_code(errors: Any) -> int | None:
    """Return the code of the first error that has one."""
    codes = (one.get("code") for one in _objects(errors))
    return next((code for code in codes if isinstance(code, int) and abs(code) < 2**31), None)
