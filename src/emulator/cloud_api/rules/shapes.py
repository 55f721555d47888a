"""The JSON types of parameters: objects, lists and texts, however deep.

Source: the references of each message type, and messages of Meta's servers such as
"(#100) Param text must be a JSON object."
"""

from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.errors import GraphError

#: A mapping is an object with the shapes of its parts, a list is a list of such items, and `TEXT`
#: is anything that is neither.
Shape = Mapping[str, Any] | list[Any] | str
TEXT = "a string"

_FILE = {"id": TEXT, "link": TEXT, "caption": TEXT, "filename": TEXT}
_WORDS = {"text": TEXT}
_HEADER = {"type": TEXT, "text": TEXT, "image": _FILE, "video": _FILE, "document": _FILE}
_QUICK_REPLY = {"id": TEXT, "title": TEXT}
_ITEMS = [{"product_retailer_id": TEXT}]
_SECTIONS = [
    {
        "title": TEXT,
        "rows": [{"id": TEXT, "title": TEXT, "description": TEXT}],
        "product_items": _ITEMS,
    }
]
_ACTION = {
    "name": TEXT,
    "button": TEXT,
    "buttons": [{"type": TEXT, "reply": _QUICK_REPLY, "quick_reply": _QUICK_REPLY}],
    "sections": _SECTIONS,
    "catalog_id": TEXT,
    "product_retailer_id": TEXT,
    "parameters": {
        "display_text": TEXT,
        "url": TEXT,
        "flow_cta": TEXT,
        "flow_action_payload": {"screen": TEXT},
        "payload": TEXT,
    },
}
_CARD = {"type": TEXT, "header": _HEADER, "body": _WORDS, "action": _ACTION}
_PARAMETER = {
    "type": TEXT,
    "text": TEXT,
    "payload": TEXT,
    "parameter_name": TEXT,
    "image": _FILE,
    "video": _FILE,
    "document": _FILE,
    "location": {},
    "product": {},
    "limited_time_offer": {},
    "action": {"sections": [{"title": TEXT, "product_items": _ITEMS}]},
}
_PART = {"type": TEXT, "sub_type": TEXT, "index": TEXT, "parameters": [_PARAMETER]}
_BUTTON = {"type": TEXT, "text": TEXT, "url": TEXT, "phone_number": TEXT, "otp_type": TEXT}
_DEFINED = {
    "type": TEXT,
    "format": TEXT,
    "text": TEXT,
    "example": {},
    "buttons": [_BUTTON],
    "limited_time_offer": {"text": TEXT},
}

#: Of a message.
MESSAGE: Shape = {
    "type": TEXT,
    "to": TEXT,
    "recipient": TEXT,
    "recipient_type": TEXT,
    "status": TEXT,
    "message_id": TEXT,
    "context": {"message_id": TEXT},
    "typing_indicator": {"type": TEXT},
    "text": {"body": TEXT},
    **dict.fromkeys(("image", "video", "audio", "document", "sticker"), _FILE),
    "location": {"name": TEXT, "address": TEXT},
    "contacts": [{"name": {"formatted_name": TEXT}, "phones": [{}], "emails": [{}], "urls": [{}]}],
    "reaction": {"message_id": TEXT, "emoji": TEXT},
    "template": {
        "name": TEXT,
        "language": {"code": TEXT},
        "components": [{**_PART, "cards": [{"card_index": TEXT, "components": [_PART]}]}],
    },
    "interactive": {
        "type": TEXT,
        "header": _HEADER,
        "body": _WORDS,
        "footer": _WORDS,
        "action": {**_ACTION, "cards": [_CARD]},
    },
}
#: Of a new template.
TEMPLATE: Shape = {
    "name": TEXT,
    "language": TEXT,
    "category": TEXT,
    "components": [{**_DEFINED, "cards": [{"components": [_DEFINED]}]}],
}
#: Fields of a callback URL that is set in place of the usual one.
CALLBACK: Shape = {"override_callback_uri": TEXT, "verify_token": TEXT}
#: Of what is told to the business number.
NUMBER: Shape = {
    "about": TEXT,
    "websites": [TEXT],
    "prompts": [TEXT],
    "commands": [{"command_name": TEXT, "command_description": TEXT}],
    "block_users": [{"user": TEXT, "user_id": TEXT}],
    "pin": TEXT,
    "calling": {},
    "user_identity_change": {},
    "storage_configuration": {},
    "webhook_configuration": CALLBACK,
    "session": {"sdp_type": TEXT, "sdp": TEXT},
}


def check_shape(value: object, shape: Shape, name: str = "") -> None:
    """Raise the GraphError of a value that has another shape. A missing value has any."""
    if value is None:
        return
    if isinstance(shape, list):
        _require(isinstance(value, list), name, "an array")
        for index, one in enumerate(value if isinstance(value, list) else ()):
            check_shape(one, shape[0], f"{name}[{index}]")
    elif isinstance(shape, str):
        _require(not isinstance(value, dict | list), name, shape)
    else:
        _require(isinstance(value, dict), name, "a JSON object")
        given = value if isinstance(value, dict) else {}
        for key in (one for one in given if one in shape):
            check_shape(given[key], shape[key], f"{name}['{key}']" if name else key)


def _require(is_right: bool, name: str, what: str) -> None:
    if not is_right:
        raise GraphError(100, f"{name} must be {what}.", f"Param {name} must be {what}.")
