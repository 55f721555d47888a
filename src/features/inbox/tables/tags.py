"""Tags that operators put on people."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, delete, select

from storage.engine.database import UtcTimestamp, insert, metadata
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table

#: Longest tag, in characters.
MAX_TAG_CHARS = 40
#: Most tags of one person, and most that the page offers.
MAX_TAGS, MAX_OFFERED = 20, 200


def _join(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: who goes on has the tags of both, each once."""
    theirs = select(inbox_tag.c.tag).where(key == into).scalar_subquery()
    connection.execute(delete(inbox_tag).where(key == other, inbox_tag.c.tag.in_(theirs)))
    move_rows(connection, key, into=into, other=other)


inbox_tag = Table(
    "inbox_tag",
    metadata,
    Column("user_key", Text, primary_key=True),
    Column("tag", Text, primary_key=True, index=True),
    Column("added_by", Text, nullable=False),
    Column("at", UtcTimestamp, nullable=False),
)
declare_person_table(
    inbox_tag,
    on_erase=delete_rows,
    on_merge=_join,
    on_forget=delete_by(inbox_tag.c.user_key),
)


def put(connection: Connection, row: dict[str, Any]) -> None:
    """Put a tag on a person; one that is there already stays."""
    connection.execute(insert(connection, inbox_tag).values(row).on_conflict_do_nothing())


def take_off(connection: Connection, user_key: str, tag: str) -> None:
    """Take a tag off a person."""
    of = inbox_tag.c
    connection.execute(delete(inbox_tag).where(of.user_key == user_key, of.tag == tag))


def of_people(connection: Connection, keys: Collection[str]) -> dict[str, list[str]]:
    """Return the tags of people, by their keys."""
    of = inbox_tag.c
    query = select(of.user_key, of.tag).where(of.user_key.in_(keys)).order_by(of.tag)
    found: dict[str, list[str]] = {}
    for key, tag in connection.execute(query):
        found.setdefault(key, []).append(tag)
    return found


def all_tags(connection: Connection) -> list[str]:
    """Return all tags that somebody has."""
    query = select(inbox_tag.c.tag).distinct().order_by(inbox_tag.c.tag).limit(MAX_OFFERED)
    return list(connection.scalars(query))
