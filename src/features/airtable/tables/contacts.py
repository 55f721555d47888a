"""The operators' contacts: one row per conversation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    false,
    func,
    null,
    select,
    text,
    update,
)

from domain.user import User
from domain.window import window_closes_at
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write, change_row
from storage.person_rows import delete_rows
from storage.person_table import declare_person_table

#: Longest message shown to operators, in characters.
MAX_SHOWN_CHARS = 300


@dataclass(frozen=True, slots=True)
class Contact:
    """One conversation as operators see it."""

    user: User
    phone_number_id: str
    #: beginning of the person's last message
    last_message: str | None
    #: number of messages that wait for an operator: the bot does not answer, and nobody else has
    unread: int
    #: reason why the last message to the person did not arrive
    problem: str | None
    #: result of the operator's last reply
    reply_result: str | None
    #: hash of the reply that was sent and is still ticked in Airtable
    reply_taken: str | None
    #: the bot changed `user.status`, and Airtable does not know yet
    status_changed_by_bot: bool
    #: Airtable's id of the contact's record
    record_id: str | None
    erase_at: datetime | None
    #: the operators' tags: a JSON list of texts
    tags: str | None
    #: number of changes
    rev: int
    #: number of times that Airtable rejected the record
    tries: int
    #: JSON object: the cells that operators may correct, as Airtable has them
    told: str | None = None
    #: why corrections of operators were refused
    correction: str | None = None
    #: delivery of the operator's last reply, and its text
    reply_delivery: str | None = None
    reply_text: str | None = None
    #: what operators read about an erasure that they asked for
    erasure: str | None = None
    #: what operators read about the last call
    call_result: str | None = None
    #: when a call was asked for whose tick is still there in Airtable
    call_taken: str | None = None

    @property
    def told_cells(self) -> dict[str, Any] | None:
        return None if self.told is None else dict(json.loads(self.told))

    @property
    def tag_names(self) -> frozenset[str]:
        return frozenset(json.loads(self.tags or "[]"))

    def is_window_open(self, now: datetime) -> bool:
        closes_at = window_closes_at(self.user)
        return closes_at is not None and now <= closes_at


class ContactChanges(TypedDict, total=False):
    """Changed fields of a contact, for `change`."""

    last_message: str | None
    unread: int
    problem: str | None
    reply_result: str | None
    reply_taken: str | None
    reply_delivery: str | None
    status_changed_by_bot: bool
    record_id: str | None
    erase_at: datetime | None
    tags: str | None
    correction: str | None
    reply_text: str | None
    erasure: str | None
    call_result: str | None
    call_taken: str | None


desk = Table(
    "desk",
    metadata,
    #: key of the person
    Column("key", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("last_message", Text),
    Column("unread", Integer, nullable=False, server_default="0"),
    Column("problem", Text),
    Column("reply_result", Text),
    Column("reply_taken", Text),
    Column(
        "handling_is_ours",
        Boolean,
        key="status_changed_by_bot",
        nullable=False,
        server_default=false(),
    ),
    Column("record_id", Text, index=True),
    Column("erase_at", UtcTimestamp),
    #: the operators' tags: a JSON list
    Column("tags", Text),
    #: number of changes; Airtable knows those up to `synced_rev`
    Column("rev", Integer, nullable=False, server_default="1"),
    Column("synced_rev", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("retry_at", UtcTimestamp),
    #: Airtable's error when it rejected the record
    Column("refusal", Text),
    #: JSON object: the cells that operators may correct, as Airtable has them
    Column("told", Text),
    #: why corrections of operators were refused
    Column("correction", Text),
    #: delivery of the operator's last reply, and its text
    Column("reply_delivery", Text),
    Column("reply_text", Text),
    #: what operators read about an erasure that they asked for
    Column("erasure", Text),
    #: what operators read about the last call, and when one was asked for whose tick is still there
    Column("call_result", Text),
    Column("call_taken", Text),
)
_is_dirty = text("rev > synced_rev")
Index("ix_desk_dirty", desk.c.key, postgresql_where=_is_dirty, sqlite_where=_is_dirty)


@CompiledStatement
def _touch(dialect: str) -> Insert:
    names = ("phone_number_id", "last_message")
    new = insert_for(dialect, desk).values(
        key=bindparam("row_key"),
        unread=bindparam("waiting"),
        **{name: bindparam(name) for name in names},
    )
    seen = {name: new.excluded[name] for name in names}
    unread = (desk.c.unread + 1) * new.excluded.unread  # 0 while the bot answers
    counted = {"rev": desk.c.rev + 1, "unread": unread}
    return new.on_conflict_do_update(index_elements=["key"], set_={**seen, **counted})


@CompiledStatement
def _meet(dialect: str) -> Insert:
    new = insert_for(dialect, desk).values(
        key=bindparam("row_key"), phone_number_id=bindparam("phone_number_id"), unread=0
    )
    return new.on_conflict_do_nothing()


def touch(key: str, *, phone_number_id: str, message: str, waits: bool) -> Write:
    """Note that a person wrote, and whether the message waits for an operator."""
    row = {
        "row_key": key,
        "waiting": int(waits),
        "phone_number_id": phone_number_id,
        "last_message": message[:MAX_SHOWN_CHARS],
    }
    return Write(_touch, [row])


def meet(key: str, *, phone_number_id: str) -> Write:
    """Add a contact whom somebody else wrote to first."""
    return Write(_meet, [{"row_key": key, "phone_number_id": phone_number_id}])


def change(key: str, values: Mapping[str, Any]) -> Write:
    """Set some fields of a contact; without any, only the fields of its person have changed."""
    return change_row(desk.c.key, key, values, counted=desk.c.rev)


def _merge(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Keep both contacts, since operators' notes are theirs; the other one names the person."""
    left: dict[str, Any] = {
        "last_message": None,
        "unread": 0,
        "reply_result": None,
        "problem": f"The same person as the contact {into}.",
        "rev": desk.c.rev + 1,
    }
    connection.execute(update(desk).where(key == other).values(left))
    source = desk.alias()
    asked = select(source.c.erase_at).where(source.c.key == other).scalar_subquery()
    goes_on: dict[str, Any] = {
        "erase_at": func.coalesce(desk.c.erase_at, asked),
        "status_changed_by_bot": True,  # a block goes with the person
        "rev": desk.c.rev + 1,
    }
    connection.execute(update(desk).where(key == into).values(goes_on))


def _forget(dialect: str) -> Update:
    """Empty what quotes answers of the person; the next push writes Airtable's cells anew."""
    emptied: dict[str, Any] = {"correction": null(), "rev": desk.c.rev + 1}
    return update(desk).where(desk.c.key == bindparam("row_key")).values(emptied)


declare_person_table(
    desk,
    key=desk.c.key,
    on_erase=delete_rows,
    on_merge=_merge,
    on_forget=CompiledStatement(_forget, name="desk.forget"),
)
