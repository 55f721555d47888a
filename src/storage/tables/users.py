"""The people the bot knows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Insert,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from domain.user import User, split_changes
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.group_commit import GroupCommit
from storage.engine.json_column import JsonText, change_json
from storage.engine.lookup import Lookup
from storage.engine.write import Write, change_row
from storage.person_rows import delete_rows
from storage.person_table import declare_person_table
from storage.tables.user_merging import merging_people

user = Table(
    "users",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user_id", Text, unique=True),
    Column("wa_id", Text, unique=True),
    Column("profile_name", Text),
    #: time of the last message that was looked up here, within `identities.SEEN_EVERY`
    Column("seen_at", UtcTimestamp),
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
    #: time of the first message to this person, which says that a bot answers
    Column("introduced_at", UtcTimestamp),
    Column("marketing_at", UtcTimestamp),
    Column("role", Text),
    Column("handling", Text, key="status"),
    Column("silent_until", UtcTimestamp, key="bot_paused_until"),
    Column("held_since", UtcTimestamp),
    Column("held_by", Text),
    #: Meta's time of the person's last message: it only moves on
    Column("last_inbound_at", UtcTimestamp),
    Column("last_inbound_id", Text),
    Column("offers_stopped_at", UtcTimestamp),
    Column("referral", JsonText),
    #: answers of the person for which there is no column
    Column("profile", JsonText),
    #: the key of the row that this one was merged into; all else is empty then
    Column("merged_into", Text),
)
_is_merged = user.c.merged_into.is_not(None)
Index(
    "ix_users_merged_into",
    user.c.merged_into,
    postgresql_where=_is_merged,
    sqlite_where=_is_merged,
)

#: Answers of a person, as opposed to what WhatsApp says of them. "Delete my data" empties them.
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
        "referral",
        "profile",
    }
)

#: Columns that the row that goes on after a merge takes over where it has nothing.
_INHERITED = (
    *sorted(PROFILE_FIELDS - {"profile", "referral"}),
    "introduced_at",
    "language",
    "opted_out_at",
    "profile_name",
    "status",
    "bot_paused_until",
    "held_since",
    "held_by",
    "offers_stopped_at",
    "referral",
)
#: Columns of a `User`, for `user_of`. The profile stays a text: few people have one to decode.
USER_COLUMNS: tuple[ColumnElement[Any], ...] = (
    *(user.c[field.name] for field in fields(User) if field.name != "profile"),
    type_coerce(user.c.profile, Text),
)


@CompiledStatement
def by_key(dialect: str) -> Select[Any]:
    """Each key, and the row of its person: jobs may wait under a key of before a merge."""
    asked = user.alias("asked")
    is_asked_for = asked.c.key.in_(listed(dialect, "keys", Text()))
    is_it = user.c.key == func.coalesce(asked.c.merged_into, asked.c.key)
    query = select(asked.c.key, *USER_COLUMNS)
    return query.join_from(asked, user, is_it).where(is_asked_for)


@CompiledStatement
def by_identifier(dialect: str) -> Select[Any]:
    """Each identifier, and the row of its person; PostgreSQL looks for one kind at a time."""
    keys = listed(dialect, "keys", Text())
    by_phone = select(user.c.wa_id.label("asked"), user.c.key).where(user.c.wa_id.in_(keys))
    by_user_id = select(user.c.user_id, user.c.key).where(user.c.user_id.in_(keys))
    found = union_all(by_phone, by_user_id).subquery()
    is_it = user.c.key == found.c.key
    return select(found.c.asked, *USER_COLUMNS).join_from(found, user, is_it)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_id", "wa_id", "profile_name")
    new = insert_for(dialect, user).values(
        key=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


@CompiledStatement
def _note_inbound(dialect: str) -> Update:
    at = bindparam("at", type_=UtcTimestamp)
    known = user.c.last_inbound_at
    return (
        update(user)
        .where(user.c.key == bindparam("row_key"), or_(known.is_(None), known <= at))
        .values(last_inbound_at=at, last_inbound_id=bindparam("message_id"))
    )


@CompiledStatement
def _first_referral(dialect: str) -> Update:
    is_first = (user.c.key == bindparam("row_key"), user.c.referral.is_(None))
    return update(user).where(*is_first).values(referral=bindparam("referral", type_=JsonText))


class Users:
    """Reads people; changes of them are written together with what caused the change."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def get(self, key: str) -> User:
        """Return the person of this key; one with nothing but the key if there is no row."""
        return await self.find(key) or User(key)

    async def find_by_identifier(self, identifier: str) -> User | None:
        """Return the person with this user id or `wa_id` (digits); None if there is no row."""
        row = await self._database.submit(Lookup(by_identifier, identifier))
        return None if row is None else user_of(row[1:])

    async def find(self, key: str) -> User | None:
        """Return the person of this key, or None if there is no row."""
        row = await self._database.submit(Lookup(by_key, key))
        return None if row is None else user_of(row[1:])


def people(connection: Connection, by: CompiledStatement, keys: Iterable[str]) -> dict[str, User]:
    """Return the people that `by_key` or `by_identifier` finds, by the key that was asked for."""
    return {row[0]: user_of(row[1:]) for row in by.fetch(connection, keys=as_list(keys))}


def same_person(connection: Connection, key: str) -> list[User]:
    """Return the row of the person of a key, then those that were merged into it."""
    goes_by = select(func.coalesce(user.c.merged_into, user.c.key)).where(user.c.key == key)
    is_it = goes_by.scalar_subquery()
    query = select(*USER_COLUMNS).order_by(_is_merged, user.c.key)
    rows = connection.execute(query.where(or_(user.c.key == is_it, user.c.merged_into == is_it)))
    return [user_of(row) for row in rows]


def user_of(values: Sequence[Any]) -> User:
    """Return the person with these values of `USER_COLUMNS`."""
    profile = values[-1]
    if profile is None:
        return User(*values[:-1])
    return User(*(*values[:-1], json.loads(profile)))


def change(key: str, values: Mapping[str, Any]) -> Write:
    """Set some fields of one person and leave the others as they are.

    Names that are no fields of `User` are set inside the profile, or removed from it by None.
    """
    known, free = split_changes(values)
    if not free:
        return change_row(user.c.key, key, known)
    if "profile" in known:  # all of it is replaced
        profile = {**(known["profile"] or {}), **free}
        left = {name: value for name, value in profile.items() if value is not None}
        return change_row(user.c.key, key, {**known, "profile": left})
    return change_json(user.c.key, key, known, column=user.c.profile, names=free)


def add(person: User) -> Write:
    """Add a row for a person who has none, with what WhatsApp says of them."""
    names = ("user_id", "wa_id", "profile_name")
    told = {name: getattr(person, name) for name in names}
    return Write(_add, [{"row_key": person.key, **told}])


def note_inbound(key: str, *, message_id: str, at: datetime) -> Write:
    """Note when a person wrote, by Meta's clock; an older message changes nothing."""
    return Write(_note_inbound, [{"row_key": key, "message_id": message_id, "at": at}])


def note_referral(key: str, referral: Mapping[str, Any]) -> Write:
    """Note the ad or post that led a person here; only the first one is kept."""
    return Write(_first_referral, [{"row_key": key, "referral": referral}])


declare_person_table(
    user,
    key=user.c.key,
    on_erase=delete_rows,
    on_merge=merging_people(_INHERITED),
    on_forget=None,  # the conversation empties PROFILE_FIELDS itself, since it goes on with them
)
