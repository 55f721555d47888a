"""Content that is stored encrypted: AES-256-GCM, bound to the place where it is stored.

A setting has the keys, newest first: the first encrypts, and each of them decrypts. The place is
authenticated with the content, so that a row which is copied elsewhere cannot be read there.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import SecretStr

from utils.setting_types import invalid

#: Lengths of a key and of a nonce, in bytes (NIST SP 800-38D).
KEY_BYTES, NONCE_BYTES = 32, 12
_ID_DIGITS = 8


class KeyMissing(Exception):
    """No key of the ring can do it; the text is the public name of the key, or empty."""


class ContentChanged(Exception):
    """The content was changed, or copied from another place."""


class Sealed(NamedTuple):
    """Encrypted content, and the public name of its key."""

    key_id: str
    #: the nonce, and the ciphertext with its tag
    content: bytes


class KeyRing:
    """Encrypts with the first key, and decrypts with each of them."""

    def __init__(self, keys: Iterable[SecretStr] = ()) -> None:
        self._ciphers: dict[str, Any] = {}
        self.use(keys)

    def __repr__(self) -> str:
        return f"KeyRing of {len(self._ciphers)} keys"

    def use(self, keys: Iterable[SecretStr]) -> None:
        """Use these keys from now on, instead of those before. Raise ValueError for a wrong one."""
        read = [read_key(one.get_secret_value()) for one in keys]
        self._ciphers = {id_of(key): _cipher(key) for key in read}

    @property
    def newest(self) -> str | None:
        """Public name of the key that encrypts; None without a key."""
        return next(iter(self._ciphers), None)

    @property
    def ids(self) -> Sequence[str]:
        """Public names of the keys, newest first."""
        return list(self._ciphers)

    def has(self, key_id: str) -> bool:
        """Return whether the ring has a key."""
        return key_id in self._ciphers

    def seal(self, content: bytes, place: bytes) -> Sealed:
        """Return content as it is stored in a place. Raise KeyMissing without a key."""
        if self.newest is None:
            raise KeyMissing
        nonce = secrets.token_bytes(NONCE_BYTES)
        return Sealed(
            self.newest, nonce + self._ciphers[self.newest].encrypt(nonce, content, place)
        )

    def open(self, sealed: Sealed, place: bytes) -> bytes:
        """Return content that is stored in a place. Raise KeyMissing or ContentChanged."""
        from cryptography.exceptions import InvalidTag

        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise KeyMissing(sealed.key_id)
        nonce, rest = sealed.content[:NONCE_BYTES], sealed.content[NONCE_BYTES:]
        try:
            found: bytes = cipher.decrypt(nonce, rest, place)
        except (InvalidTag, ValueError):
            raise ContentChanged from None
        return found


def new_key() -> str:
    """Return a new random key, as settings have it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_key(text: str) -> bytes:
    """Return the bytes of a key. Raise ValueError, which does not tell the key."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes in Base64")
    return key


def read_keys(value: object, *, command: str) -> object:
    """Return the keys of a setting; `command` prints one. Raise the error of a setting."""
    if not isinstance(value, str):
        return value
    keys = [one.strip() for one in value.split(",") if one.strip()]
    for position, key in enumerate(keys, 1):
        try:
            read_key(key)
        except ValueError:
            raise invalid(
                "expected keys of 32 bytes in Base64, separated by commas, as `python3 watch.py "
                f"{command}` prints them (number {position} is none)"
            ) from None
    return tuple(map(SecretStr, keys))


def id_of(key: bytes) -> str:
    """Return the public name of a key."""
    return hashlib.sha256(b"id of a key:" + key).hexdigest()[:_ID_DIGITS]


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
