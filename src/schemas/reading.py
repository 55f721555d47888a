"""Translates Meta's messages and statuses into domain types. Never raises, for any content."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.delivery import DeliveryStatus, StatusReport
from domain.inbound import Attachment, Inbound, Product, Sender
from schemas.content_text import describe
from schemas.webhook_schema import Contact, Message, Status, StatusError
from utils.storable_text import strip_unstorable

#: Types of messages whose object may have a caption.
CAPTIONED = ("image", "video", "document")
#: Longest identifier that is stored as it is, in characters. PostgreSQL indexes up to 2,700 bytes.
MAX_IDENTIFIER_CHARS = 200
#: Longest text that is kept, in characters: more than twice the limit of WhatsApp.
MAX_TEXT_CHARS = 10_000
#: Types of messages whose object is a file.
WITH_FILES = ("audio", "document", "image", "sticker", "video")


def read_inbound(body: Mapping[str, Any]) -> Inbound:
    """Read the message of a stored job: `{"phone_number_id", "contact", "message"}`."""
    message = Message.read(body["message"])
    contact = Contact.read(body["contact"] or {})
    content = _content(message)
    return Inbound(
        message_id=identifier(message.id) or "",
        kind=_string(message.type) or "unknown",
        sender=sender_of(message, contact),
        phone_number_id=body["phone_number_id"],
        sent_at=read_time(message.timestamp),
        text=(text_of(message) or "")[:MAX_TEXT_CHARS] or None,
        choice=_choice(message),
        quotes=_quoted(message, content),
        quoted_from=identifier(message.context.from_) if message.context else None,
        product=_product(message),
        referral=message.referral,
        edits=identifier(_edit(message).get("original_message_id")),
        attachment=_attachment(message),
        is_standby=bool(body.get("is_standby")),
        content=content,
        description=describe(message.type, content),
        group_id=identifier(message.group_id),
    )


def sender_of(message: Message, contact: Contact | None) -> Sender:
    """Return the sender of a message. A hidden phone number is None, never empty."""
    known = contact or Contact()
    system = message.system or {}
    written_from = (
        identifier(message.from_) or identifier(known.wa_id) or _shared_own_number(message)
    )
    new_number = identifier(system.get("wa_id")) or identifier(system.get("new_wa_id"))
    return Sender(
        user_id=identifier(system.get("user_id"))
        or identifier(message.from_user_id)
        or identifier(known.user_id),
        wa_id=new_number or written_from,
        profile_name=_string(known.profile.name) if known.profile else None,
        previous_user_id=identifier(system.get("previous_user_id")),
        previous_wa_id=written_from if new_number not in (None, written_from) else None,
    )


def _shared_own_number(message: Message) -> str | None:
    """Return the number that a person shares of themselves, when they were asked for it."""
    cards = (message.model_extra or {}).get("contacts") if message.type == "contacts" else None
    card = cards[0] if isinstance(cards, list) and cards else None
    if not isinstance(card, dict) or card.get("origin") != "contact_request":
        return None
    phones = card.get("phones")
    phone = phones[0] if isinstance(phones, list) and phones else None
    return identifier(phone.get("wa_id")) if isinstance(phone, dict) else None


class ContactIndex:
    """Index of the contacts that a change lists beside its messages, up to a thousand."""

    def __init__(self, contacts: Sequence[Contact]) -> None:
        self._only = contacts[0] if len(contacts) == 1 else None
        # Of contacts with the same identifier, the first one counts.
        self._by_user_id = {each.user_id: each for each in reversed(contacts) if each.user_id}
        self._by_wa_id = {each.wa_id: each for each in reversed(contacts) if each.wa_id}

    def of(self, message: Message) -> Contact | None:
        """Return the contact with the identifiers of a message, or the only contact."""
        found = self._by_user_id.get(message.from_user_id or "")
        found = found or self._by_wa_id.get(message.from_ or "")
        if found is not None or self._only is None:
            return found
        is_another = bool(message.from_user_id and self._only.user_id)
        return None if is_another else self._only


def read_status(status: Status) -> StatusReport | None:
    """Read the status of one of our messages; None if its type or its id is unknown."""
    wamid = identifier(status.id)
    if wamid is None or status.status not in set(DeliveryStatus):
        return None
    error = status.errors[0] if status.errors else None
    return StatusReport(
        wamid=wamid,
        status=DeliveryStatus(status.status),
        at=read_time(status.timestamp),
        callback_data=identifier(status.biz_opaque_callback_data),
        error_code=error.code if error else None,
        error_text=_error_text(error) if error else None,
        category=identifier((status.pricing or {}).get("category")),
        pricing=_pricing(status.pricing or {}),
    )


def _error_text(error: StatusError) -> str | None:
    """Return why a message failed; Meta's details say more than its title."""
    said = _string(error.message or error.title)
    details = _string((error.error_data or {}).get("details"))
    is_more = said is not None and details is not None and details not in said
    return f"{said}: {details}" if is_more else said or details


def _pricing(pricing: Mapping[str, Any]) -> str | None:
    """Return how a message is charged: Meta's type, or "free" where it says no more."""
    kind = identifier(pricing.get("type"))
    return "free" if kind is None and pricing.get("billable") is False else kind


def identifier(value: object) -> str | None:
    """Return an identifier, shortened with a hash if it is long; None for anything but text."""
    name = _string(value)
    if name is None or len(name) <= MAX_IDENTIFIER_CHARS:
        return name
    return name[:MAX_IDENTIFIER_CHARS] + hashlib.sha256(name.encode()).hexdigest()


def read_time(seconds: str | None) -> datetime | None:
    """Read a time in seconds since 1970, as Meta writes it; None for anything else."""
    try:
        return datetime.fromtimestamp(int(seconds or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _edit(message: Message) -> Mapping[str, Any]:
    """Return the content of a message that edits another one; empty for all others."""
    content = (message.model_extra or {}).get("edit") if message.type == "edit" else None
    return content if isinstance(content, Mapping) else {}


def text_of(message: Message) -> str | None:
    """Return the words of a message: its text, its caption, or the label of what was tapped."""
    if isinstance(edited := _edit(message).get("message"), dict) and edited.get("type") != "edit":
        return text_of(Message.read(edited))
    if message.type == "text":
        return _string(message.text.body) if message.text else None
    if message.type == "button":
        return _string((message.button or {}).get("text"))
    if message.type == "interactive" and message.interactive:
        reply = message.interactive.button_reply or message.interactive.list_reply
        return _string(reply.title) if reply else None
    content = (message.model_extra or {}).get(message.type) if message.type in CAPTIONED else None
    return _string(content.get("caption")) if isinstance(content, dict) else None


def _content(message: Message) -> Any:
    """Return Meta's object of the message, for types that are not read into a text or a choice."""
    if message.type == "interactive" and message.interactive is not None:
        return message.interactive.model_extra
    return (message.model_extra or {}).get(message.type)


def _attachment(message: Message) -> Attachment | None:
    content = (message.model_extra or {}).get(message.type)
    if message.type not in WITH_FILES or not isinstance(content, dict):
        return None
    media_id, mime_type = _string(content.get("id")), _string(content.get("mime_type"))
    return Attachment(message.type, media_id, mime_type or "") if media_id else None


def _quoted(message: Message, content: Any) -> str | None:
    """Return the id of the message that is quoted, reacted to, or deleted."""
    if message.type == "reaction" and isinstance(content, dict):
        return identifier(content.get("message_id"))
    if message.type == "revoke" and isinstance(content, dict):
        return identifier(content.get("original_message_id"))
    return identifier(message.context.id) if message.context else None


def _product(message: Message) -> Product | None:
    referred = (message.context.referred_product if message.context else None) or {}
    retailer_id = identifier(referred.get("product_retailer_id"))
    return Product(identifier(referred.get("catalog_id")), retailer_id) if retailer_id else None


def _choice(message: Message) -> str | None:
    """Return the id of the tapped button or row; of a template's button, the payload."""
    if message.type == "button":
        return _string((message.button or {}).get("payload"))
    if message.type == "interactive" and message.interactive:
        reply = message.interactive.button_reply or message.interactive.list_reply
        return _string(reply.id) if reply else None
    return None


def _string(value: object) -> str | None:
    return strip_unstorable(value) if isinstance(value, str) and value else None
