"""What Meta accepts in a message: limits as tables, in UTF-16 units.

Sources: the reference pages of each message type under
developers.facebook.com/docs/whatsapp/cloud-api/messages
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.errors import GraphError

Json = Mapping[str, Any]

#: What a text of a message may measure.
LONGEST = {
    "text": 4096,
    "caption": 1024,
    "header": 60,
    "footer": 60,
    "body": 1024,
    "list body": 4096,
    "button title": 20,
    "button id": 256,
    "list button": 20,
    "section title": 24,
    "row title": 24,
    "row id": 200,
    "row description": 72,
    "display_text": 20,
    "template name": 512,
    "biz_opaque_callback_data": 512,
}
MOST_BUTTONS = 3
MOST_SECTIONS = 10
MOST_ROWS = 10
MEDIA = ("image", "video", "audio", "document", "sticker")
CAPTIONED = ("image", "video", "document")
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
PHONE = re.compile(r"\+?[0-9 ()\-]{5,25}")


def check_message(message: Json) -> None:
    """Raise the GraphError that Meta would answer, if any."""
    if message.get("messaging_product") != "whatsapp":
        raise GraphError(
            100,
            "messaging_product must be whatsapp.",
            "The parameter messaging_product is required.",
        )
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


def within(name: str, value: object, least: int = 0) -> None:
    """A text must be a text, and of a length that Meta allows."""
    if not isinstance(value, str) or utf16_length(value) < least:
        raise GraphError(131008, f"{name} is required.")
    if utf16_length(value) > LONGEST[name]:
        raise GraphError(131009, f"{name} is too long. Max length is {LONGEST[name]}")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _check_recipient(message: Json) -> None:
    to, recipient = message.get("to"), message.get("recipient")
    if not to and not recipient:
        raise GraphError(131008, "to or recipient is required.")
    if to and not PHONE.fullmatch(str(to)):
        raise GraphError(
            131009, "The phone number is malformed: Please use the format: +1234567890."
        )
    if not to and not BSUID.fullmatch(str(recipient)):
        raise GraphError(131009, "recipient is not a user id.")


def _check_text(text: Json) -> None:
    within("text", text.get("body"), least=1)


def _check_media(kind: str) -> Callable[[Json], None]:
    def check(media: Json) -> None:
        if bool(media.get("id")) == bool(media.get("link")):
            raise GraphError(131009, f"{kind} needs exactly one of id and link.")
        if "caption" in media and kind not in CAPTIONED:
            raise GraphError(100, f"{kind} has no caption.", 'Unexpected key "caption"')
        within("caption", media.get("caption") or "")

    return check


def _check_location(location: Json) -> None:
    for name, most in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(location[name])
        except (KeyError, TypeError, ValueError):
            raise GraphError(131008, f"{name} is required.") from None
        if abs(value) > most:
            raise GraphError(131009, f"{name} is out of range.")


def _check_contacts(contacts: Sequence[Any]) -> None:
    for contact in contacts:
        name = contact.get("name") if isinstance(contact, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise GraphError(131008, "name.formatted_name is required.")


def _check_reaction(reaction: Json) -> None:
    if not str(reaction.get("message_id", "")).startswith("wamid."):
        raise GraphError(131009, "message_id is not a message.")
    if not isinstance(reaction.get("emoji"), str):
        raise GraphError(131008, "emoji is required.")


def _check_template(template: Json) -> None:
    within("template name", template.get("name"), least=1)
    language = template.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise GraphError(131008, "language.code is required.")


def _check_interactive(interactive: Json) -> None:
    kind = interactive.get("type")
    action = interactive.get("action")
    if not isinstance(action, dict):
        raise GraphError(131008, "action is required.")
    body = (interactive.get("body") or {}).get("text")
    within("list body" if kind == "list" else "body", body, least=1)
    if footer := interactive.get("footer"):
        within("footer", footer.get("text"), least=1)
    _check_header(interactive.get("header"), is_list=kind == "list")
    if check := ACTIONS.get(str(kind)):
        check(action)


def _check_header(header: Json | None, *, is_list: bool) -> None:
    if header is None:
        return
    if header.get("type") == "text":
        within("header", header.get("text"), least=1)
    elif is_list or header.get("type") not in ("image", "video", "document"):
        raise GraphError(131009, f"A header of type {header.get('type')} is not allowed here.")


def _check_buttons(action: Json) -> None:
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise GraphError(
            131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"
        )
    replies = [button.get("reply") or {} for button in buttons]
    for reply in replies:
        within("button id", reply.get("id"), least=1)
        within("button title", reply.get("title"), least=1)
    _check_unique("Button ids", [reply["id"] for reply in replies])
    _check_unique("Button titles", [reply["title"] for reply in replies])


def _check_list(action: Json) -> None:
    within("list button", action.get("button"), least=1)
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MOST_SECTIONS:
        raise GraphError(131009, "Invalid sections count. Min allowed: 1, Max allowed: 10")
    rows = [row for section in sections for row in section.get("rows") or []]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise GraphError(131009, "Total row count exceed max allowed count: 10")
    for section in sections:
        within("section title", section.get("title") or "", least=1 if len(sections) > 1 else 0)
    for row in rows:
        within("row id", row.get("id"), least=1)
        within("row title", row.get("title"), least=1)
        within("row description", row.get("description") or "")
    _check_unique("Row ids", [row["id"] for row in rows])


def _check_cta_url(action: Json) -> None:
    parameters = action.get("parameters") or {}
    within("display_text", parameters.get("display_text"), least=1)
    if not str(parameters.get("url", "")).startswith(("http://", "https://")):
        raise GraphError(131009, "url must start with http:// or https://.")


def _check_unique(what: str, values: Sequence[str]) -> None:
    if len(set(values)) != len(values):
        raise GraphError(131009, f"{what} must be unique.")


CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _check_text,
    **{kind: _check_media(kind) for kind in MEDIA},
    "location": _check_location,
    "contacts": _check_contacts,
    "reaction": _check_reaction,
    "template": _check_template,
    "interactive": _check_interactive,
}
ACTIONS: dict[str, Callable[[Json], None]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_cta_url,
}
