"""Secrets in the database: encrypted, and bound to the place where each of them is stored.

A stored secret is `<id of the key>.<nonce and ciphertext, in Base64>`. The place (tenant, number,
field) is authenticated with it (`utils/key_ring.py`). `SECRETS_KEYS` has the keys.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from utils.key_ring import ContentChanged, KeyMissing, KeyRing, Sealed


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
    """Stores secrets as text."""

    def __init__(self, keys: Sequence[SecretStr]) -> None:
        self._keys = KeyRing(keys)

    def __repr__(self) -> str:
        return f"Vault with a {self._keys}"

    def seal(self, secret: str, place: Place) -> str:
        """Return what to store. Raise VaultError without a key."""
        try:
            key_id, content = self._keys.seal(secret.encode(), place.authenticated)
        except KeyMissing:
            raise VaultError(
                "SECRETS_KEYS is not set: without it, no secret can be stored. `python3 watch.py "
                "secrets new-key` prints a key; put it into .env, and keep a copy elsewhere."
            ) from None
        return f"{key_id}.{base64.b64encode(content).decode()}"

    def open(self, stored: str, place: Place) -> SecretStr:
        """Return a stored secret. Raise VaultError if it was not sealed for this place."""
        key_id, _, encoded = stored.partition(".")
        what = f"the {place.field} of {place.owner}"
        try:
            content = base64.b64decode(encoded, validate=True)
            found = self._keys.open(Sealed(key_id, content), place.authenticated)
        except KeyMissing:
            raise VaultError(
                f"{what} was encrypted with the key {key_id}, which SECRETS_KEYS lacks: add it."
            ) from None
        except (ContentChanged, ValueError):
            raise VaultError(
                f"{what} cannot be decrypted: its row was changed, or copied from another place. "
                "Set it again."
            ) from None
        return SecretStr(found.decode())

    def is_newest(self, stored: str) -> bool:
        """Return whether a secret is encrypted with the newest key."""
        return stored.partition(".")[0] == self._keys.newest
