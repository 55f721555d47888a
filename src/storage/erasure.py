"""Forgetting a person: every row about them, but for a hash that says whom not to write to."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator

from sqlalchemy import Column, Connection, Double, Table, Text, delete, select

from domain.user import User
from storage.consents import consent
from storage.database import insert, metadata
from storage.deliveries import delivery
from storage.desk import desk
from storage.kept import keep, recall
from storage.messages import message
from storage.records import record
from storage.spending import spending
from storage.tickets import ticket
from storage.unanswered import unanswered
from storage.users import user

#: Under which name the salt of the hashes is kept: without it nobody can try all numbers.
SALT = "suppression-salt"

suppressed = Table(
    "suppressed",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("at", Double, nullable=False),
)


def forget(connection: Connection, person: User, now: float) -> None:
    """Delete all rows about a person."""
    for hash_ in _hashes(connection, person):
        connection.execute(
            insert(connection, suppressed).values(hash=hash_, at=now).on_conflict_do_nothing()
        )
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
        connection.execute(delete(column.table).where(column == person.key))


def is_suppressed(connection: Connection, person: User) -> bool:
    """Whether somebody with an identifier of this person had their data erased."""
    hashes = list(_hashes(connection, person))
    found = connection.execute(select(suppressed.c.hash).where(suppressed.c.hash.in_(hashes)))
    return found.first() is not None


def _hashes(connection: Connection, person: User) -> Iterator[str]:
    salt = recall(connection, SALT)
    if salt is None:
        salt = secrets.token_hex()
        keep(connection, SALT, salt)
    for identifier in filter(None, (person.wa_id, person.user_id)):
        yield hmac.digest(bytes.fromhex(salt), identifier.encode(), hashlib.sha256).hex()
