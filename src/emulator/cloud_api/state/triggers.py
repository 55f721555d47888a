"""Webhooks of every kind, made up from a few words: one table.

Source of the shapes: developers.facebook.com/docs/whatsapp/cloud-api/webhooks
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.cloud_api.rules.errors import in_webhook
from emulator.cloud_api.state.field_triggers import ABOUT_PEOPLE, VALUES
from emulator.json import JsonObject

MADE_UP_FILE = "9000000000000001"
SHA256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # of nothing


@dataclass(frozen=True)
class Words:
    """What may be said of a webhook; each kind uses some of it."""

    body: str = "hello"
    #: of a button, a row, or the message that is quoted, reacted to or reported on
    id: str = ""
    title: str = ""
    emoji: str = "👍"
    code: int = 131026


def _file(mime_type: str, **more: Any) -> JsonObject:
    return {"id": MADE_UP_FILE, "mime_type": mime_type, "sha256": SHA256, **more}


def _interactive(kind: str) -> Callable[[Words], JsonObject]:
    def make(words: Words) -> JsonObject:
        reply = {"id": words.id or "home.menu", "title": words.title or words.body}
        return {"type": "interactive", "interactive": {"type": kind, kind: reply}}

    return make


def _text(words: Words, **more: Any) -> JsonObject:
    return {"type": "text", "text": {"body": words.body}, **more}


def _unsupported(words: Words) -> JsonObject:
    return {
        "type": "unsupported",
        "errors": [in_webhook(131051)],
        "unsupported": {"type": "poll_creation"},
    }


#: kind -> the message, without what all messages have
MESSAGES: Mapping[str, Callable[[Words], JsonObject]] = {
    "text": _text,
    "quoted": lambda words: _text(words, context={"id": words.id or "wamid.unknown"}),
    "forwarded": lambda words: _text(words, context={"forwarded": True}),
    "referral": lambda words: _text(
        words,
        referral={
            "source_url": "https://fb.me/example",
            "source_id": "1",
            "source_type": "ad",
            "headline": "Chat with us",
            "body": "An ad",
            "media_type": "image",
            "ctwa_clid": "example",
        },
    ),
    "group": lambda words: _text(words, group_id="120363000000000000"),
    "image": lambda words: {"type": "image", "image": _file("image/jpeg", caption=words.body)},
    "video": lambda words: {"type": "video", "video": _file("video/mp4", caption=words.body)},
    "audio": lambda words: {
        "type": "audio",
        "audio": _file("audio/ogg; codecs=opus", voice=True),
    },
    "document": lambda words: {
        "type": "document",
        "document": _file("application/pdf", filename="file.pdf", caption=words.body),
    },
    "sticker": lambda words: {"type": "sticker", "sticker": _file("image/webp", animated=False)},
    "location": lambda words: {
        "type": "location",
        "location": {"latitude": 4.6534, "longitude": -74.0836, "name": words.body},
    },
    "contacts": lambda words: {
        "type": "contacts",
        "contacts": [{"name": {"formatted_name": words.body}, "phones": [{"phone": "+1555"}]}],
    },
    "reaction": lambda words: {
        "type": "reaction",
        "reaction": {"message_id": words.id or "wamid.unknown", "emoji": words.emoji},
    },
    "reaction_removed": lambda words: {
        "type": "reaction",
        "reaction": {"message_id": words.id or "wamid.unknown"},
    },
    "button": lambda words: {
        "type": "button",
        "button": {"payload": words.id or words.body, "text": words.title or words.body},
    },
    "button_reply": _interactive("button_reply"),
    "list_reply": _interactive("list_reply"),
    "flow_reply": lambda words: {
        "type": "interactive",
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "flow",
                "body": "Sent",
                "response_json": json.dumps({"flow_token": "unused", "answer": words.body}),
            },
        },
    },
    "call_permission_reply": lambda words: {
        "type": "interactive",
        "interactive": {
            "type": "call_permission_reply",
            "call_permission_reply": {
                "response": "reject" if words.body == "reject" else "accept",
                "is_permanent": words.body == "permanent",
                "response_source": "user_action",
            },
        },
    },
    "shared_contact": lambda _words: {
        "type": "contacts",
        "contacts": [{"phones": [{"phone": "+1555"}], "origin": "contact_request"}],
    },
    "order": lambda words: {
        "type": "order",
        "order": {
            "catalog_id": "1",
            "text": words.body,
            "product_items": [
                {"product_retailer_id": "1", "quantity": 1, "item_price": 1, "currency": "USD"}
            ],
        },
    },
    "unsupported": _unsupported,
    "edit": lambda words: {
        "type": "edit",
        "edit": {"original_message_id": words.id or "wamid.unknown", "message": _text(words)},
    },
    "revoke": lambda words: {
        "type": "revoke",
        "revoke": {"original_message_id": words.id or "wamid.unknown"},
    },
    "request_welcome": lambda words: {"type": "request_welcome"},
}
STATUSES = ("sent", "delivered", "read", "played", "failed")
#: what Meta itself says of a person
SYSTEM = ("system", "system_user_id", "system_identity")
CALLS = ("connect", "terminate")
KINDS = (
    *(f"message.{name}" for name in (*MESSAGES, *SYSTEM)),
    *(f"status.{name}" for name in STATUSES),
    *(f"call.{name}" for name in CALLS),
    *(f"{field}.{name}" for field, name in ABOUT_PEOPLE),
    *(f"field.{name}" for name in VALUES),
)
