"""Signatures of callbacks. Source: github.com/standard-webhooks/standard-webhooks (spec)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

#: What secrets begin with.
PREFIX = "whsec_"


def new_secret() -> str:
    """Return a new secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed_headers(
    keys: Sequence[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers of a callback, with one signature for each secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (_signature(key, signed) for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"
