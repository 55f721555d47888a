"""Signed webhook bodies, as Meta sends them."""

import hashlib
import hmac
import json

SECRET = "benchmark-app-secret"
PHONE_NUMBER_ID = "100000000000001"


def text_body(user: int, serial: int, text: str = "hola") -> bytes:
    """One text message, of a person of its own per `user`."""
    wa_id = f"57300{user:07}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550000001", "phone_number_id": PHONE_NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": wa_id, "user_id": f"CO.1349{user:010}"}],
        "messages": [
            {
                "from": wa_id,
                "from_user_id": f"CO.1349{user:010}",
                "id": f"wamid.{user}.{serial}",
                "timestamp": "1800000000",
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    entry = {"id": "200000000000001", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def send_request(user: int, serial: int, token: str) -> bytes:
    """The whole HTTP request with which a bot sends a text."""
    message = {
        "messaging_product": "whatsapp",
        "to": f"+57300{user:07}",
        "type": "text",
        "text": {"body": "hola"},
        "biz_opaque_callback_data": f"{user}.{serial}",
    }
    body = json.dumps(message).encode()
    head = (
        f"POST /v25.0/{PHONE_NUMBER_ID}/messages HTTP/1.1\r\nHost: meta\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def request(body: bytes) -> bytes:
    """The whole HTTP request of a webhook, signed."""
    signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    head = (
        "POST /webhook HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
