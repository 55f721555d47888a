"""Salted hashes of identifiers of erased people: broadcasts recognise them by nothing else."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping

from sqlalchemy import Column, Connection, Double, Select, Table, Text, select

from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import insert, metadata
from storage.tables.key_value import get, made_once

#: Name of the salt of the hashes in the key-value table: without it nobody can try all numbers.
SALT = "suppression-salt"

suppressed = Table(
    "suppressed",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("at", Double, nullable=False),
)


@CompiledStatement
def _suppressed(dialect: str) -> Select[tuple[str]]:
    return select(suppressed.c.hash).where(suppressed.c.hash.in_(listed(dialect, "hashes", Text())))


def suppress(connection: Connection, identifiers: Collection[str], now: float) -> None:
    """Remember these identifiers as those of an erased person."""
    salt = made_once(connection, SALT, secrets.token_hex)
    for identifier in identifiers:
        new = insert(connection, suppressed).values(hash=_hash(salt, identifier), at=now)
        connection.execute(new.on_conflict_do_nothing())


def suppressed_of(
    connection: Connection, identifiers: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """Return those keys of which an identifier belongs to an erased person."""
    salt = get(connection, SALT)
    if salt is None:  # nobody was erased yet
        return frozenset()
    hashes = {key: {_hash(salt, one) for one in own} for key, own in identifiers.items()}
    asked = as_list(set().union(*hashes.values()))
    found = {hash_ for (hash_,) in _suppressed.fetch(connection, hashes=asked)}
    return frozenset(key for key, own in hashes.items() if own & found)


def _hash(salt: str, identifier: str) -> str:
    return hmac.digest(bytes.fromhex(salt), identifier.encode(), hashlib.sha256).hex()
