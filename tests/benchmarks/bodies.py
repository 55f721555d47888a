"""Signed webhook bodies, as Meta sends them."""

import hashlib
import hmac
import json
from typing import Any

SECRET = "benchmark-app-secret"
PHONE_NUMBER_ID = "100000000000001"


def wa_id_of(user: int) -> str:
    return f"57300{user:07}"


def message(user: int, serial: int, text: str = "hola") -> dict[str, Any]:
    return {
        "from": wa_id_of(user),
        "from_user_id": f"CO.1349{user:010}",
        "id": f"wamid.{user}.{serial}",
        "timestamp": "1800000000",
        "type": "text",
        "text": {"body": text},
    }


def status(user: int, serial: int, name: str) -> dict[str, Any]:
    """What became of a message that the bot sent: it names the message's row."""
    return {
        "id": f"wamid.sent.{user}.{serial}",
        "status": name,
        "timestamp": "1800000000",
        "recipient_id": wa_id_of(user),
        "recipient_user_id": f"CO.1349{user:010}",
        "biz_opaque_callback_data": f"{user}.{serial}",
    }


def text_body(user: int, serial: int = 0, text: str = "hola") -> bytes:
    """One text message, of a person of its own per `user`."""
    return _body([message(user, serial, text)], users=[user])


def message_body(content: dict[str, Any], user: int) -> bytes:
    """One message of any type."""
    return _body([content], users=[user])


def texts_body(count: int, number: int, people: int) -> bytes:
    """`count` messages of different people in one body."""
    users = [(number * count + place) % people for place in range(count)]
    return _body([message(user, number) for user in users], users=users)


def mixed_body(number: int, people: int) -> bytes:
    """What a busy number gets: three statuses of what it sent for each message."""
    user, kind = (number // 4) % people, number % 4
    if kind == 0:
        return text_body(user, number)
    name = ("sent", "delivered", "read")[kind - 1]
    return _body(statuses=[status(user, number // 4, name)], users=[user])


def _body(
    messages: list[dict[str, Any]] | None = None,
    *,
    users: list[int],
    statuses: list[dict[str, Any]] | None = None,
) -> bytes:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000001", "phone_number_id": PHONE_NUMBER_ID},
    }
    value["contacts"] = [
        {"profile": {"name": "Ana"}, "wa_id": wa_id_of(user), "user_id": f"CO.1349{user:010}"}
        for user in users
    ]
    if messages is not None:
        value["messages"] = messages
    if statuses is not None:
        value["statuses"] = statuses
    entry = {"id": "200000000000001", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def send_request(user: int, serial: int, token: str) -> bytes:
    """The whole HTTP request with which a bot sends a text."""
    sent = {
        "messaging_product": "whatsapp",
        "to": f"+{wa_id_of(user)}",
        "type": "text",
        "text": {"body": "hola"},
        "biz_opaque_callback_data": f"{user}.{serial}",
    }
    body = json.dumps(sent).encode()
    head = (
        f"POST /v25.0/{PHONE_NUMBER_ID}/messages HTTP/1.1\r\nHost: meta\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def signature(body: bytes) -> str:
    """What Meta puts into X-Hub-Signature-256."""
    return f"sha256={hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()}"


def request(body: bytes) -> bytes:
    """The whole HTTP request of a webhook, signed."""
    head = (
        "POST /webhook HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: {signature(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
