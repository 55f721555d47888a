"""Base64 for URLs without padding, as browsers write keys, challenges and tokens (RFC 4648 §5)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(content: bytes) -> str:
    """Return the text for some bytes."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of a text. Raise ValueError if it is none."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
