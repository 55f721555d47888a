"""What Meta accepts in a message: limits as tables, in UTF-16 units.

Sources: the reference pages of each message type under
developers.facebook.com/docs/whatsapp/cloud-api/messages
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.interactive import check_interactive
from emulator.cloud_api.rules.shapes import MESSAGE, check_shape
from emulator.cloud_api.rules.text import within
from emulator.json import JsonObject

MEDIA = ("image", "video", "audio", "document", "sticker")
CAPTIONED = ("image", "video", "document")
MAX_CONTACTS = 257
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
PHONE = re.compile(r"\+?[0-9 ()\-]{5,25}")


def check_message(message: JsonObject) -> None:
    """Raise the GraphError that Meta would answer, if any."""
    if message.get("messaging_product") != "whatsapp":
        raise GraphError(
            100,
            "messaging_product must be whatsapp.",
            "The parameter messaging_product is required.",
        )
    check_shape(message, MESSAGE)
    _check_recipient(message)
    within("biz_opaque_callback_data", message.get("biz_opaque_callback_data") or "")
    kind = message.get("type", "text")
    check = CHECKS.get(kind)
    if check is None:
        raise GraphError(131051, f"Message type {kind} is not supported.")
    content = message.get(kind)
    if not isinstance(content, list if kind == "contacts" else dict):
        raise GraphError(100, f"{kind} is missing.", f"Param {kind} must be a JSON object.")
    check(content)


def _check_recipient(message: JsonObject) -> None:
    to, recipient = message.get("to"), message.get("recipient")
    if not to and not recipient:
        raise GraphError(131008, "to or recipient is required.")
    if to and not PHONE.fullmatch(str(to)):
        raise GraphError(
            131009, "The phone number is malformed: Please use the format: +1234567890."
        )
    if not to and not BSUID.fullmatch(str(recipient)):
        raise GraphError(131009, "recipient is not a user id.")


def _check_text(text: JsonObject) -> None:
    within("text", text.get("body"), least=1)


def _check_media(kind: str) -> Callable[[JsonObject], None]:
    def check(media: JsonObject) -> None:
        if bool(media.get("id")) == bool(media.get("link")):
            raise GraphError(131009, f"{kind} needs exactly one of id and link.")
        if "caption" in media and kind not in CAPTIONED:
            raise GraphError(100, f"{kind} has no caption.", 'Unexpected key "caption"')
        within("caption", media.get("caption") or "")

    return check


def _check_location(location: JsonObject) -> None:
    for name, most in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(location[name])
        except (KeyError, TypeError, ValueError):
            raise GraphError(131008, f"{name} is required.") from None
        if abs(value) > most:
            raise GraphError(131009, f"{name} is out of range.")


def _check_contacts(contacts: Sequence[Any]) -> None:
    if not 1 <= len(contacts) <= MAX_CONTACTS:
        raise GraphError(131009, f"A message has 1 to {MAX_CONTACTS} contacts.")
    for contact in contacts:
        name = contact.get("name") if isinstance(contact, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise GraphError(131008, "name.formatted_name is required.")


def _check_reaction(reaction: JsonObject) -> None:
    _check_message_id(reaction)
    if not isinstance(reaction.get("emoji"), str):
        raise GraphError(131008, "emoji is required.")


def _check_template(template: JsonObject) -> None:
    within("template name", template.get("name"), least=1)
    language = template.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise GraphError(131008, "language.code is required.")


def _check_pin(pin: JsonObject) -> None:
    """Groups are not emulated, and only their messages can be pinned."""
    _check_message_id(pin)
    raise GraphError(131009, "pin is for groups, which the emulator does not have.")


def _check_message_id(named: JsonObject) -> None:
    if not str(named.get("message_id", "")).startswith("wamid."):
        raise GraphError(131009, "message_id is not a message.")


CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _check_text,
    **{kind: _check_media(kind) for kind in MEDIA},
    "location": _check_location,
    "contacts": _check_contacts,
    "reaction": _check_reaction,
    "template": _check_template,
    "interactive": check_interactive,
    "pin": _check_pin,
}


def files_of(kind: str, content: Any) -> list[Any]:
    """Return the ids of the files that a message names."""
    if kind in MEDIA:
        return [content["id"]] if content.get("id") else []
    if kind != "interactive":
        return []
    cards = content["action"].get("cards") or []
    headers = [one.get("header") or {} for one in (content, *cards)]
    files = [header.get(str(header.get("type"))) for header in headers]
    return [file["id"] for file in files if isinstance(file, dict) and file.get("id")]
