"""What agents see of people's numbers, where a supervisor hides them.

Keys of people and ids of messages may contain the number, so such agents get other ones, which
the bot turns back: encrypted by a secret that is made when numbers are first hidden.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection

from domain.user import User
from features.inbox import base64url
from features.inbox.operators import Operator, Role
from storage.engine.group_commit import GroupCommit
from storage.tables import key_value

#: Name under which it is stored whether numbers are hidden, and by which secret.
STORED_AS = "inbox:masks"
#: First character of what was encrypted.
MARK = "~"
TAG_BYTES = 16
#: Digits of a number that everybody sees.
SHOWN_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides numbers from one operator; without a secret, it hides nothing."""

    secret: bytes | None = None

    @property
    def is_on(self) -> bool:
        """Return whether numbers are hidden."""
        return self.secret is not None

    def hide(self, text: str) -> str:
        """Return a key or an id as this operator gets it; the same one each time."""
        if self.secret is None:
            return text
        content = text.encode()
        tag = hmac.digest(self.secret, content, "sha256")[:TAG_BYTES]
        stream = hashlib.shake_256(self.secret + tag).digest(len(content))
        hidden = bytes(one ^ other for one, other in zip(content, stream, strict=True))
        return MARK + base64url.encode(tag + hidden)

    def plain(self, text: str) -> str:
        """Return what was hidden; any other text as it is."""
        if self.secret is None or not text.startswith(MARK):
            return text
        try:
            given = base64url.decode(text[1:])
            tag, hidden = given[:TAG_BYTES], given[TAG_BYTES:]
            stream = hashlib.shake_256(self.secret + tag).digest(len(hidden))
            content = bytes(one ^ other for one, other in zip(hidden, stream, strict=True))
            is_ours = hmac.compare_digest(
                tag, hmac.digest(self.secret, content, "sha256")[:TAG_BYTES]
            )
            return content.decode() if is_ours else text
        except ValueError:
            return text

    def phone(self, user: User) -> str | None:
        """Return the number of a person."""
        if not user.wa_id:
            return None
        return f"···{user.wa_id[-SHOWN_DIGITS:]}" if self.is_on else user.phone

    def name(self, user: User) -> str:
        """Return how operators call a person."""
        known = user.full_name or user.profile_name or self.phone(user)
        return known or (user.key if not self.is_on else "Someone")


SHOWS_ALL = Mask()


def are_hidden(connection: Connection) -> bool:
    """Return whether agents see no numbers."""
    stored = key_value.get(connection, STORED_AS)
    return bool(stored and stored["is_on"])


def set_hidden(connection: Connection, *, is_on: bool) -> None:
    """Hide numbers from agents, or show them."""
    stored = key_value.get(connection, STORED_AS) or {"secret": secrets.token_hex(32)}
    key_value.put(connection, STORED_AS, {**stored, "is_on": is_on})


def mask_for(connection: Connection, operator: Operator) -> Mask:
    """Return what hides numbers from an operator."""
    stored = key_value.get(connection, STORED_AS) if operator.role is Role.AGENT else None
    return Mask(bytes.fromhex(stored["secret"])) if stored and stored["is_on"] else SHOWS_ALL


@dataclass(frozen=True, slots=True)
class Masks:
    """Turns back what operators got in place of keys and ids."""

    database: GroupCommit

    async def plain(self, text: str) -> str:
        """Return the key or id that is meant."""
        if not text.startswith(MARK):
            return text
        stored = await self.database.reader.run(lambda c, _: key_value.get(c, STORED_AS))
        return Mask(bytes.fromhex(stored["secret"])).plain(text) if stored else text
