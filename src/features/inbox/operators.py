"""Operators: who they are, the links that invite them, and the sessions of their browsers."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, select, update

from features.inbox.tables.operators import (
    OperatorRow,
    inbox_audit,
    inbox_operator,
    inbox_session,
)
from features.inbox.tables.passkeys import inbox_passkey
from features.inbox.tables.pushes import inbox_push
from utils.secret_hash import hash_of

#: Time in which a link has to be used.
LINK_VALID = timedelta(days=1)
#: Time after which somebody has to be invited again.
SESSION_VALID = timedelta(days=30)
#: Longest name of an operator, in characters.
MAX_NAME_CHARS = 60
LINK, SESSION, USED = "link", "session", "used"
#: The operator of whoever has the token of the settings.
OWNER_ID = "owner"


class Role(StrEnum):
    """What an operator may do."""

    #: Reads and answers.
    AGENT = "agent"
    #: Also sees what operators did.
    SUPERVISOR = "supervisor"
    #: The same; for who manages operators by command.
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who is signed in."""

    id: str
    name: str
    role: Role
    #: what the page calls what is done now: the same if it tries again
    attempt: str = ""
    is_away: bool = False

    @property
    def is_supervisor(self) -> bool:
        """Return whether they see what operators do, and may erase people."""
        return self.role is not Role.AGENT


OWNER = Operator(OWNER_ID, "Owner", Role.ADMIN)


class NameTaken(ValueError):
    """Another operator has this name."""


def add(connection: Connection, name: str, role: Role, now: datetime) -> Operator:
    """Add an operator. Raise NameTaken."""
    if any(one.name == name for one in all_operators(connection) if one.revoked_at is None):
        raise NameTaken(name)
    added = Operator(secrets.token_hex(6), name, role)
    new = {"id": added.id, "name": name, "role": role.value, "created_at": now}
    connection.execute(inbox_operator.insert().values(new))
    return added


def all_operators(connection: Connection) -> Sequence[OperatorRow]:
    """Return all operators, the oldest first."""
    query = select(inbox_operator).order_by(inbox_operator.c.created_at)
    return [OperatorRow(*row) for row in connection.execute(query)]


def mark_seen(connection: Connection, operator: Operator, now: datetime) -> None:
    """Note that a page of an operator is open."""
    is_it = inbox_operator.c.id == operator.id
    connection.execute(update(inbox_operator).where(is_it).values(seen_at=now))


def set_away(connection: Connection, operator: Operator, since: datetime | None) -> None:
    """Note since when an operator wants no conversations; None if they want some."""
    is_it = inbox_operator.c.id == operator.id
    connection.execute(update(inbox_operator).where(is_it).values(away_at=since))


def are_there(connection: Connection) -> bool:
    """Return whether anybody was invited who is not revoked."""
    query = select(inbox_operator.c.id).where(inbox_operator.c.revoked_at.is_(None)).limit(1)
    return connection.scalar(query) is not None


def in_use(connection: Connection) -> Sequence[Operator]:
    """Return the operators who are not revoked, and the owner."""
    found = [one for one in all_operators(connection) if one.revoked_at is None]
    return [Operator(one.id, one.name, Role(one.role)) for one in found] + [OWNER]


def named(connection: Connection, name: str) -> Operator | None:
    """Return the operator of this name who is not revoked."""
    for one in all_operators(connection):
        if one.name == name and one.revoked_at is None:
            return Operator(one.id, one.name, Role(one.role))
    return None


def revoke(connection: Connection, operator: Operator, now: datetime) -> None:
    """End all sessions of an operator, and let nobody sign in as them again."""
    is_it = inbox_operator.c.id == operator.id
    connection.execute(update(inbox_operator).where(is_it).values(revoked_at=now))
    for table in (inbox_session, inbox_passkey, inbox_push):
        connection.execute(delete(table).where(table.c.operator_id == operator.id))


def invite(connection: Connection, operator: Operator, now: datetime) -> str:
    """Return the secret of a link that opens one session."""
    return _open(connection, operator.id, LINK, now, LINK_VALID)


def open_session(connection: Connection, operator: Operator, now: datetime) -> str:
    """Return the secret of a new session."""
    connection.execute(delete(inbox_session).where(inbox_session.c.expires_at < now))
    return _open(connection, operator.id, SESSION, now, SESSION_VALID)


def use_link(connection: Connection, secret: str, now: datetime) -> Operator | None:
    """Return whom a link invites; it is used up then."""
    operator = _find(connection, secret, LINK, now)
    if operator is not None:
        close(connection, secret)
    return operator


def signed_in(connection: Connection, secret: str, now: datetime) -> Operator | None:
    """Return whose session this is."""
    return _find(connection, secret, SESSION, now)


def all_signed_in(
    connection: Connection, secrets: Collection[str], now: datetime
) -> Mapping[str, Operator]:
    """Return whose sessions these are, by their secrets; those that have ended are left out."""
    of, hashes = inbox_session.c, {hash_of(secret): secret for secret in secrets}
    is_it = (of.hash.in_(hashes), of.kind == SESSION, of.expires_at > now)
    sessions = connection.execute(select(of.hash, of.operator_id).where(*is_it)).all()
    known = inbox_operator.c
    is_theirs = (known.id.in_({row.operator_id for row in sessions}), known.revoked_at.is_(None))
    rows = connection.execute(select(inbox_operator).where(*is_theirs))
    found = {row.id: _operator(row) for row in rows} | {OWNER_ID: OWNER}
    return {
        hashes[row.hash]: found[row.operator_id] for row in sessions if row.operator_id in found
    }


def close(connection: Connection, secret: str) -> None:
    """End a session, or use up a link."""
    is_it = inbox_session.c.hash == hash_of(secret)
    connection.execute(delete(inbox_session).where(is_it))


def note(
    connection: Connection, operator: Operator, act: str, user_key: str, now: datetime
) -> None:
    """Keep for a year who did what."""
    new = {
        "id": _attempt_id(operator) or secrets.token_hex(8),
        "operator": operator.name,
        "act": act,
        "user_key": user_key,
        "at": now,
    }
    connection.execute(inbox_audit.insert().values(new))


def has_done(connection: Connection, operator: Operator) -> bool:
    """Return whether this attempt of an operator was successful before."""
    if (id_ := _attempt_id(operator)) is None:
        return False
    query = select(inbox_audit.c.id).where(inbox_audit.c.id == id_)
    return connection.scalar(query) is not None


def by_id(connection: Connection, operator_id: str) -> Operator | None:
    """Return an operator who is not revoked."""
    of = inbox_operator.c
    is_theirs = (of.id == operator_id, of.revoked_at.is_(None))
    row = connection.execute(select(inbox_operator).where(*is_theirs)).first()
    return None if row is None else _operator(row)


def _operator(row: Any) -> Operator:
    return Operator(row.id, row.name, Role(row.role), is_away=row.away_at is not None)


def use_once(connection: Connection, text: str, now: datetime, valid: timedelta) -> bool:
    """Return whether a text is used for the first time, and keep it from being used again."""
    connection.execute(delete(inbox_session).where(inbox_session.c.expires_at < now))
    is_it = inbox_session.c.hash == hash_of(text)
    if connection.scalar(select(inbox_session.c.kind).where(is_it)) is not None:
        return False
    row = {"hash": hash_of(text), "operator_id": "", "kind": USED, "created_at": now}
    connection.execute(inbox_session.insert().values(**row, expires_at=now + valid))
    return True


def _attempt_id(operator: Operator) -> str | None:
    return hash_of(f"{operator.id}:{operator.attempt}")[:32] if operator.attempt else None


def _open(
    connection: Connection, operator_id: str, kind: str, now: datetime, valid: timedelta
) -> str:
    secret = secrets.token_urlsafe(32)
    new = {
        "hash": hash_of(secret),
        "operator_id": operator_id,
        "kind": kind,
        "created_at": now,
        "expires_at": now + valid,
    }
    connection.execute(inbox_session.insert().values(new))
    return secret


def _find(connection: Connection, secret: str, kind: str, now: datetime) -> Operator | None:
    of = inbox_session.c
    is_it = (of.hash == hash_of(secret), of.kind == kind, of.expires_at > now)
    found = connection.scalar(select(of.operator_id).where(*is_it))
    if found is None or found == OWNER_ID:
        return OWNER if found else None
    return by_id(connection, found)
