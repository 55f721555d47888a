"""How long a text may be, in UTF-16 units (Meta does not say which unit it counts).

Sources: the reference pages of each message type under
developers.facebook.com/docs/whatsapp/cloud-api/messages
"""

from emulator.cloud_api.rules.errors import GraphError

#: Longest texts of a message, in UTF-16 units.
MAX_UTF16_UNITS = {
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
    "flow_cta": 30,
    "card body": 160,
    "voice payload": 512,
    "template name": 512,
    "biz_opaque_callback_data": 512,
}


def within(name: str, value: object, least: int = 0) -> None:
    """A text must be a text, and of a length that Meta allows."""
    if not isinstance(value, str) or utf16_length(value) < least:
        raise GraphError(131008, f"{name} is required.")
    if utf16_length(value) > MAX_UTF16_UNITS[name]:
        raise GraphError(131009, f"{name} is too long. Max length is {MAX_UTF16_UNITS[name]}")


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
