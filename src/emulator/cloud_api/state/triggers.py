"""Webhooks of every kind, made from a few options: one table.

Source of the shapes: developers.facebook.com/docs/whatsapp/cloud-api/webhooks
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.cloud_api.rules.errors import in_webhook
from emulator.cloud_api.state.field_triggers import ABOUT_PEOPLE, VALUES
from emulator.json import JsonObject

#: Error of a message that the Cloud API cannot show.
UNSUPPORTED = {
    **in_webhook(131051, "Message type is currently not supported."),
    "title": "Message type unknown",
    "message": "Message type unknown",
}


@dataclass(frozen=True)
class TriggerOptions:
    """Options of a trigger; each kind uses some of them."""

    body: str = "hello"
    #: id of a button or row, of an ad, or of the message that is quoted, reacted to or reported on
    id: str = ""
    title: str = ""
    emoji: str = "👍"
    code: int = 131026


def _file(mime_type: str, **more: Any) -> JsonObject:
    """Its id, URL and hash are added when it is sent: see `sample_files`."""
    return {"mime_type": mime_type, **more}


def _interactive(kind: str) -> Callable[[TriggerOptions], JsonObject]:
    def make(options: TriggerOptions) -> JsonObject:
        reply = {"id": options.id or "home.menu", "title": options.title or options.body}
        return {"type": "interactive", "interactive": {"type": kind, kind: reply}}

    return make


def _text(options: TriggerOptions, **more: Any) -> JsonObject:
    return {"type": "text", "text": {"body": options.body}, **more}


def _unsupported(options: TriggerOptions) -> JsonObject:
    return {
        "type": "unsupported",
        "errors": [UNSUPPORTED],
        "unsupported": {"type": "poll_creation"},
    }


#: Messages by kind, without the fields that all messages have.
MESSAGES: Mapping[str, Callable[[TriggerOptions], JsonObject]] = {
    "text": _text,
    "quoted": lambda options: _text(options, context={"id": options.id or "wamid.unknown"}),
    "forwarded": lambda options: _text(options, context={"forwarded": True}),
    "referral": lambda options: _text(
        options,
        referral={
            "source_url": "https://fb.me/example",
            "source_id": options.id or "1",
            "source_type": "ad",
            "headline": "Chat with us",
            "body": "An ad",
            "media_type": "image",
            "ctwa_clid": "example",
        },
    ),
    "group": lambda options: _text(options, group_id="120363000000000000"),
    "image": lambda options: {"type": "image", "image": _file("image/jpeg", caption=options.body)},
    "video": lambda options: {"type": "video", "video": _file("video/mp4", caption=options.body)},
    "audio": lambda options: {
        "type": "audio",
        "audio": _file("audio/ogg; codecs=opus", voice=True),
    },
    "document": lambda options: {
        "type": "document",
        "document": _file("application/pdf", filename="file.pdf", caption=options.body),
    },
    "sticker": lambda options: {"type": "sticker", "sticker": _file("image/webp", animated=False)},
    "location": lambda options: {
        "type": "location",
        "location": {"latitude": 4.6534, "longitude": -74.0836, "name": options.body},
    },
    "contacts": lambda options: {
        "type": "contacts",
        "contacts": [{"name": {"formatted_name": options.body}, "phones": [{"phone": "+1555"}]}],
    },
    "reaction": lambda options: {
        "type": "reaction",
        "reaction": {"message_id": options.id or "wamid.unknown", "emoji": options.emoji},
    },
    "reaction_removed": lambda options: {
        "type": "reaction",
        "reaction": {"message_id": options.id or "wamid.unknown"},
    },
    "button": lambda options: {
        "type": "button",
        "button": {"payload": options.id or options.body, "text": options.title or options.body},
    },
    "button_reply": _interactive("button_reply"),
    "list_reply": _interactive("list_reply"),
    "flow_reply": lambda options: {
        "type": "interactive",
        "interactive": {
            "type": "nfm_reply",
            "nfm_reply": {
                "name": "flow",
                "body": "Sent",
                "response_json": json.dumps({"flow_token": "unused", "answer": options.body}),
            },
        },
    },
    "call_permission_reply": lambda options: {
        "type": "interactive",
        "interactive": {
            "type": "call_permission_reply",
            "call_permission_reply": {
                "response": "reject" if options.body == "reject" else "accept",
                "is_permanent": options.body == "permanent",
                "response_source": "user_action",
            },
        },
    },
    "shared_contact": lambda _options: {
        "type": "contacts",
        "contacts": [
            {
                "phones": [{"phone": "+15550009999", "wa_id": "15550009999", "type": "CELL"}],
                "origin": "contact_request",
            }
        ],
    },
    "order": lambda options: {
        "type": "order",
        "order": {
            "catalog_id": "1",
            "text": options.body,
            "product_items": [
                {"product_retailer_id": "1", "quantity": 1, "item_price": 1, "currency": "USD"}
            ],
        },
    },
    "unsupported": _unsupported,
    "edit": lambda options: {
        "type": "edit",
        "edit": {"original_message_id": options.id or "wamid.unknown", "message": _text(options)},
    },
    "revoke": lambda options: {
        "type": "revoke",
        "revoke": {"original_message_id": options.id or "wamid.unknown"},
    },
    "request_welcome": lambda options: {"type": "request_welcome"},
}
STATUSES = ("sent", "delivered", "read", "played", "failed")
#: Messages in which Meta itself reports a change of a person.
SYSTEM = ("system", "system_user_id", "system_identity")
#: Those who share the number with the bot: the owner's phone, and Meta's agent.
THREADS = ("owner", "to_agent", "to_bot")
CALLS = ("connect", "terminate")
KINDS = (
    *(f"message.{name}" for name in (*MESSAGES, *SYSTEM)),
    *(f"status.{name}" for name in STATUSES),
    *(f"call.{name}" for name in CALLS),
    *(f"thread.{name}" for name in THREADS),
    *(f"{field}.{name}" for field, name in ABOUT_PEOPLE),
    *(f"field.{name}" for name in VALUES),
)
