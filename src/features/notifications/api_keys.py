"""Keys of other systems: `wak_<id>_<secret>`, of which only a hash is stored."""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, Select, Text, select, update

from features.notifications.tables import api_key
from storage.engine.compiled import CompiledStatement, listed
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.lookup import Lookup
from utils.secret_hash import hash_of, is_same

#: The tenant of who has one business.
ONE_TENANT = "default"
#: How exactly it is known when a key was used last.
USED_EVERY = timedelta(hours=1)

_KEY = re.compile(r"wak_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a key may be used for."""

    #: Send, cancel and retry.
    SEND = "send"
    #: List, look at, count.
    READ = "read"
    #: Tell events, of which the bot decides what is sent to whom.
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Caller:
    """The system whose key a request has."""

    tenant: str
    scopes: frozenset[str]
    #: Id of the key; empty for that of the settings.
    key: str = ""
    #: Who sends, as statistics name it.
    source: str = "api"


class StoredKey(NamedTuple):
    """A key as it is stored."""

    id: str
    tenant: str
    name: str
    hash: str
    scopes: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Return whether it may be used."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@CompiledStatement
def _by_id(dialect: str) -> Select[tuple[str]]:
    return select(api_key).where(api_key.c.id.in_(listed(dialect, "keys", Text())))


class ApiKeys:
    """Finds out whose key a request has."""

    def __init__(
        self, database: GroupCommit, configured: str | None, *, is_enabled: bool = True
    ) -> None:
        self._database = database
        self._is_enabled = is_enabled
        #: The key of the settings, which may do everything.
        self._configured = configured

    async def caller(self, given: str, now: datetime) -> Caller | None:
        """Return whose key this is; None for a wrong, revoked or expired one."""
        if not self._is_enabled:
            return None
        if self._configured is not None and is_same(given, self._configured):
            return Caller(ONE_TENANT, frozenset(Scope))
        match = _KEY.fullmatch(given)
        if match is None:
            return None
        row = await self._database.submit(Lookup(_by_id, match[1]))
        # An unknown id costs as much as a wrong secret.
        known = StoredKey(*row) if row is not None else None
        is_right = is_same(hash_of(match[2]), known.hash if known else hash_of(""))
        if known is None or not is_right or not known.is_valid(now):
            return None
        if known.used_at is None or now - known.used_at >= USED_EVERY:
            await self._database.submit(Transaction(lambda c, _: note_use(c, known.id, now)))
        return Caller(known.tenant, frozenset(known.scopes.split()), known.id)

    async def are_there(self) -> bool:
        """Return whether anybody has a key: without one, there is no API."""
        if self._configured is not None or not self._is_enabled:
            return self._is_enabled
        query = select(api_key.c.id).where(api_key.c.revoked_at.is_(None)).limit(1)
        return await self._database.submit(Transaction(lambda c, _: c.scalar(query) is not None))


def create(
    connection: Connection,
    name: str,
    scopes: Collection[Scope],
    now: datetime,
    *,
    expires_at: datetime | None = None,
) -> str:
    """Store a new key; return it, which is the only time that anybody can read it."""
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    new = api_key.insert().values(
        id=id_,
        tenant=ONE_TENANT,
        name=name,
        hash=hash_of(secret),
        scopes=" ".join(sorted(scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    connection.execute(new)
    return f"wak_{id_}_{secret}"


def every_key(connection: Connection) -> Sequence[StoredKey]:
    """Return all keys, the oldest first."""
    return [
        StoredKey(*row)
        for row in connection.execute(select(api_key).order_by(api_key.c.created_at))
    ]


def revoke(connection: Connection, id_: str, now: datetime) -> bool:
    """Make a key useless from now on; False if there is no such key in use."""
    is_it = (api_key.c.id == id_, api_key.c.revoked_at.is_(None))
    return connection.execute(update(api_key).where(*is_it).values(revoked_at=now)).rowcount > 0


def note_use(connection: Connection, id_: str, now: datetime) -> None:
    """Note that a key was used."""
    connection.execute(update(api_key).where(api_key.c.id == id_).values(used_at=now))
