"""Secrets in the database: AES-256-GCM, bound to the place where each of them is stored.

A stored secret is `<id of the key>.<nonce and ciphertext, in Base64>`. The place (tenant, number,
field) is authenticated with it, so that a row which is copied to another place cannot be read
there. `SECRETS_KEYS` has the keys, newest first: the first encrypts, all of them decrypt.
"""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

#: Lengths of a key and of a nonce, in bytes (NIST SP 800-38D).
KEY_BYTES, NONCE_BYTES = 32, 12
_ID_DIGITS = 8


class VaultError(Exception):
    """A secret cannot be stored or read; the text says what to do, and never the secret."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret is stored."""

    #: Empty: the business of the settings.
    tenant: str
    #: What it is of: a phone number ID, an app, or the name of a setting.
    owner: str
    field: str

    @property
    def authenticated(self) -> bytes:
        """The bytes that are authenticated with the secret: no two places have the same."""
        return json.dumps([self.tenant, self.owner, self.field]).encode()


class Vault:
    """Encrypts with the first key, and decrypts with each of them."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        read = [read_key(one.get_secret_value()) for one in keys]
        self._ciphers = {id_of(key): _cipher(key) for key in read}
        self._newest = next(iter(self._ciphers), None)

    def __repr__(self) -> str:
        return f"Vault of {len(self._ciphers)} keys"

    def seal(self, secret: str, place: Place) -> str:
        """Return what to store. Raise VaultError without a key."""
        if self._newest is None:
            raise VaultError(
                "SECRETS_KEYS is not set: without it, no secret can be stored. `python3 watch.py "
                "secrets new-key` prints a key; put it into .env, and keep a copy elsewhere."
            )
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, secret.encode(), place.authenticated)
        return f"{self._newest}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, stored: str, place: Place) -> SecretStr:
        """Return a stored secret. Raise VaultError if it was not sealed for this place."""
        key_id, _, encoded = stored.partition(".")
        cipher = self._ciphers.get(key_id)
        what = f"the {place.field} of {place.owner}"
        if cipher is None:
            raise VaultError(
                f"{what} was encrypted with the key {key_id}, which SECRETS_KEYS lacks: add it."
            )
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.b64decode(encoded, validate=True)
            found = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.authenticated)
        except (InvalidTag, ValueError):
            raise VaultError(
                f"{what} cannot be decrypted: its row was changed, or copied from another place. "
                "Set it again."
            ) from None
        return SecretStr(found.decode())

    def is_newest(self, stored: str) -> bool:
        """Return whether a secret is encrypted with the newest key."""
        return stored.partition(".")[0] == self._newest


def new_key() -> str:
    """Return a new random key for SECRETS_KEYS."""
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


def id_of(key: bytes) -> str:
    """Return the public name of a key."""
    return hashlib.sha256(b"id of a key:" + key).hexdigest()[:_ID_DIGITS]


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise VaultError(
            "SECRETS_KEYS needs the package cryptography: install the extra `tenants`, see "
            "pyproject.toml."
        ) from None
    return AESGCM(key)
