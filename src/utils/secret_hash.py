"""Secrets that this program hands out: what is stored of them, and how they are compared."""

import hashlib
import hmac


def hash_of(secret: str) -> str:
    """Return what is stored of a secret: 32 random bytes need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(given: str, expected: str) -> bool:
    """Return whether two secrets are the same, in a time that does not depend on it."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
