"""Reads what others do in a conversation on our number: echoes and handovers. Never raises.

Sources: the webhook references smb_message_echoes, standby (August 2026) and messaging_handovers
(September 2026) of the WhatsApp Business Platform. Handovers name our number in `recipient`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.inbound import Echo, Handover, Sender
from schemas.reading import MAX_TEXT_CHARS, identifier, read_time, text_of
from schemas.webhook_schema import Message
from utils.storable_text import strip_unstorable

#: Field of webhooks about conversations that another app holds.
STANDBY = "standby"
#: Key of a value with the messages that others sent from our number.
ECHOES = "message_echoes"
#: Field of webhooks about who holds a conversation.
HANDOVERS = "messaging_handovers"
#: Types of handovers, each with an object of its name.
PASSED, TAKEN = "control_passed", "control_taken"
#: Roles of Meta's own agent.
AGENT_ROLES = frozenset({"ai_agent", "meta_business_agent"})
#: Longest note of a handover, in characters.
MAX_NOTE_CHARS = 500


def read_echoes(items: object) -> Iterator[Echo]:
    """Yield the readable ones of a list of echoes."""
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (echo := _read_echo(item)) is not None:
            yield echo


def read_handover(value: Mapping[str, Any]) -> Handover | None:
    """Read a handover; None if it names nobody, or neither passes nor takes a conversation."""
    person = _person(value.get("sender"))
    kind = value.get("type")
    told = value.get(kind) if kind in (PASSED, TAKEN) else None
    if person is None or not isinstance(told, dict):
        return None
    new_role = identifier(told.get("new_owner_role"))
    # Meta tells the new owner that a conversation was passed, and the one before that it was taken.
    is_ours = kind == PASSED and new_role not in AGENT_ROLES
    previous = identifier(told.get("previous_owner_role"))
    note = told.get("metadata")
    return Handover(
        person,
        is_ours=is_ours,
        role=(previous or identifier(told.get("previous_owner_app_role"))) if is_ours else new_role,
        note=strip_unstorable(note)[:MAX_NOTE_CHARS] if isinstance(note, str) else None,
        at=read_time(str(value.get("timestamp"))),
    )


def number_of_handover(value: Mapping[str, Any]) -> str | None:
    """Return our phone number ID that a handover is about."""
    ours = value.get("recipient")
    return identifier(ours.get("phone_number_id")) if isinstance(ours, dict) else None


def _read_echo(item: dict[str, Any]) -> Echo | None:
    inner = item.get("message")
    whole = {**inner, **item} if isinstance(inner, dict) else item
    message = Message.read(whole)
    wamid, recipient = identifier(message.id), _recipient(whole)
    if wamid is None or recipient is None:
        return None
    text = (text_of(message) or "")[:MAX_TEXT_CHARS] or None
    kind = identifier(message.type) or "unknown"
    return Echo(wamid, recipient, kind, text, read_time(message.timestamp))


def _recipient(item: Mapping[str, Any]) -> Sender | None:
    number = _digits(item.get("to")) or _digits(item.get("recipient"))
    found = Sender(identifier(item.get("to_user_id")), number)
    return found if found.user_id or found.wa_id else None


def _person(sender: object) -> Sender | None:
    if not isinstance(sender, dict):
        return None
    number = _digits(sender.get("phone_number")) or _digits(sender.get("wa_id"))
    found = Sender(identifier(sender.get("user_id")), number)
    return found if found.user_id or found.wa_id else None


def _digits(number: object) -> str | None:
    """Return a phone number as WhatsApp writes a `wa_id`; None for anything else."""
    digits = (identifier(number) or "").removeprefix("+")
    return digits if digits.isascii() and digits.isdecimal() else None
