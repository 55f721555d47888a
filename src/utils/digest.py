"""Short names for long texts, the same in every process."""

import hashlib


def digest(text: str, length: int = 64) -> str:
    """Return the first digits of the SHA-256 of a text, in hexadecimal: at most 64."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def letters(content: bytes, length: int = 8) -> str:
    """Return a short name for a content, at most 32 letters.

    The log shows it as it is: a run of digits would be masked as a phone number.
    """
    found = hashlib.sha256(content).digest()[:length]
    return "".join(chr(ord("a") + byte % 26) for byte in found)
