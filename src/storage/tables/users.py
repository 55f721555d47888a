"""The people the bot knows."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Index,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    func,
    or_,
    select,
)

from domain.user import User
from storage.engine.compiled import CompiledStatement, listed
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.group_commit import GroupCommit, Lookup
from storage.engine.write import Write, change_row

user = Table(
    "users",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user_id", Text, unique=True),
    Column("wa_id", Text, unique=True),
    Column("profile_name", Text),
    Column("language", Text),
    Column("full_name", Text),
    Column("id_type", Text),
    Column("id_number", Text),
    Column("birth_date", Date),
    Column("about", Text),
    Column("consent_at", UtcTimestamp),
    Column("consent_version", Text),
    Column("registered_at", UtcTimestamp),
    Column("opted_out_at", UtcTimestamp),
    Column("marketing_at", UtcTimestamp),
    Column("role", Text),
    Column("handling", Text, key="status"),
    Column("silent_until", UtcTimestamp, key="bot_paused_until"),
    #: the key that this person goes by since two rows turned out to be one; all else is empty
    Column("merged_into", Text),
)
_is_merged = user.c.merged_into.is_not(None)
Index(
    "ix_users_merged_into",
    user.c.merged_into,
    postgresql_where=_is_merged,
    sqlite_where=_is_merged,
)

#: What a person told us, as opposed to what WhatsApp says of them. Forgotten on request.
PROFILE_FIELDS = frozenset(
    {
        "full_name",
        "id_type",
        "id_number",
        "birth_date",
        "about",
        "consent_at",
        "consent_version",
        "registered_at",
    }
)

_NAMES = tuple(field.name for field in fields(User))


@CompiledStatement
def _people(dialect: str) -> Select[Any]:
    """Each key, and the row of its person: jobs may wait under a key of before a merger."""
    asked = user.alias("asked")
    is_asked_for = asked.c.key.in_(listed(dialect, "keys", Text()))
    is_it = user.c.key == func.coalesce(asked.c.merged_into, asked.c.key)
    query = select(asked.c.key, *(user.c[name] for name in _NAMES))
    return query.join_from(asked, user, is_it).where(is_asked_for)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_id", "wa_id", "profile_name")
    new = insert_for(dialect, user).values(
        key=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


class Users:
    """Reads people; what changes about them is written with the change that caused it."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def get(self, key: str) -> User:
        """The person of this key; one we know nothing of if there is no such row."""
        return await self.find(key) or User(key)

    async def find(self, key: str) -> User | None:
        row = await self._database.submit(Lookup(_people, key))
        return None if row is None else User(*row[1:])


def same_person(connection: Connection, key: str) -> list[User]:
    """The row that the person of a key goes by, then those that were merged into it."""
    goes_by = select(func.coalesce(user.c.merged_into, user.c.key)).where(user.c.key == key)
    is_it = goes_by.scalar_subquery()
    query = select(*(user.c[name] for name in _NAMES)).order_by(_is_merged, user.c.key)
    rows = connection.execute(query.where(or_(user.c.key == is_it, user.c.merged_into == is_it)))
    return [User(*row) for row in rows]


def change(key: str, values: Mapping[str, Any]) -> Write:
    """Set some fields of one person and leave the others as they are."""
    return change_row(user.c.key, key, values)


def add(person: User) -> Write:
    """A row for somebody who has none, with what WhatsApp tells of them."""
    names = ("user_id", "wa_id", "profile_name")
    told = {name: getattr(person, name) for name in names}
    return Write(_add, [{"row_key": person.key, **told}])
