"""The people the bot knows."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, Date, Insert, Select, Table, Text, bindparam, select

from domain.user import User
from storage.database import Moment, insert_for, metadata
from storage.group_commit import GroupCommit, Lookup
from storage.prepared import Prepared, listed
from storage.write import Write, change_row

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
    Column("consent_at", Moment),
    Column("consent_version", Text),
    Column("registered_at", Moment),
    Column("opted_out_at", Moment),
    Column("marketing_at", Moment),
    Column("role", Text),
    Column("handling", Text),
    Column("silent_until", Moment),
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


@Prepared
def _people(dialect: str) -> Select[Any]:
    is_asked_for = user.c.key.in_(listed(dialect, "keys", Text()))
    return select(*(user.c[name] for name in _NAMES)).where(is_asked_for)


@Prepared
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
        return None if row is None else User(*row)


def change(key: str, values: Mapping[str, Any]) -> Write:
    """Set some fields of one person and leave the others as they are."""
    return change_row(user.c.key, key, values)


def add(person: User) -> Write:
    """A row for somebody who has none, with what WhatsApp tells of them."""
    names = ("user_id", "wa_id", "profile_name")
    told = {name: getattr(person, name) for name in names}
    return Write(_add, [{"row_key": person.key, **told}])
