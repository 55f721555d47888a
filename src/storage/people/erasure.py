"""Forgetting a person: every row about them, but for hashes by which broadcasts know them again."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Connection, Double, Select, Table, Text, delete, select

from domain.user import User
from features.airtable.tables.contacts import desk
from features.airtable.tables.messages import message
from features.assistant.token_usage import spending
from features.broadcasts.tables import broadcast_message
from features.faq.unanswered import unanswered
from features.handoff.tickets import ticket
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import insert, metadata
from storage.tables.consents import consent
from storage.tables.deliveries import delivery
from storage.tables.key_value import get, put
from storage.tables.records import record
from storage.tables.users import same_person, user

#: Under which name the salt of the hashes is kept: without it nobody can try all numbers.
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


def forget(connection: Connection, person: User, now: float) -> None:
    """Delete all rows about a person, under whichever of their keys."""
    keys = {person.key, *(one.key for one in same_person(connection, person.key))}
    salt = get(connection, SALT)
    if salt is None:
        salt = secrets.token_hex()
        put(connection, SALT, salt)
    for hash_ in _hashes(salt, person):
        connection.execute(
            insert(connection, suppressed).values(hash=hash_, at=now).on_conflict_do_nothing()
        )
    theirs = select(delivery.c.id).where(delivery.c.user_key.in_(keys))
    connection.execute(delete(broadcast_message).where(broadcast_message.c.id.in_(theirs)))
    for column in (
        record.c.user_key,
        delivery.c.user_key,
        ticket.c.user_key,
        consent.c.user_key,
        unanswered.c.user_key,
        message.c.user_key,
        spending.c.user_key,
        desk.c.key,
        user.c.key,
    ):
        connection.execute(delete(column.table).where(column.in_(keys)))


def erased(connection: Connection, people: Sequence[User]) -> frozenset[str]:
    """The keys of those of whom an identifier belongs to somebody whose data were erased."""
    salt = get(connection, SALT)
    if salt is None:  # nobody's were
        return frozenset()
    hashes = {one.key: set(_hashes(salt, one)) for one in people}
    asked = as_list(set().union(*hashes.values()))
    found = {hash_ for (hash_,) in _suppressed.fetch(connection, hashes=asked)}
    return frozenset(key for key, own in hashes.items() if own & found)


def _hashes(salt: str, person: User) -> Iterator[str]:
    for identifier in filter(None, (person.wa_id, person.user_id)):
        yield hmac.digest(bytes.fromhex(salt), identifier.encode(), hashlib.sha256).hex()
