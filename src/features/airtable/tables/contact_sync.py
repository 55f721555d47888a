"""Sync state of contacts: changes that Airtable does not know yet, and its answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Insert,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    func,
    not_,
    null,
    or_,
    select,
    true,
    update,
)

from features.airtable.tables.contact_reader import COLUMNS, contact_of, contacts_of_users
from features.airtable.tables.contacts import Contact, desk
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for
from storage.engine.json_column import encoded
from storage.engine.write import Write
from storage.tables.users import user

_is_it = desk.c.key == bindparam("row_key")
_status = select(user.c.status).where(user.c.key == desk.c.key).scalar_subquery()


@CompiledStatement
def _synced(dialect: str) -> Update:
    """Airtable knows the state of `rev`."""
    return (
        update(desk)
        .where(_is_it)
        .values(
            synced_rev=bindparam("known_rev"),
            record_id=bindparam("known_record"),
            # What changed meanwhile is still to be synced.
            reply_taken=func.nullif(desk.c.reply_taken, bindparam("told_reply", type_=Text)),
            call_taken=func.nullif(desk.c.call_taken, bindparam("told_call", type_=Text)),
            status_changed_by_bot=and_(
                desk.c.status_changed_by_bot,
                or_(
                    not_(bindparam("told_handling", type_=Boolean)),
                    _status.is_distinct_from(bindparam("told_status", type_=Text)),
                ),
            ),
            told=bindparam("told_cells"),
            tries=0,
            retry_at=null(),
            refusal=null(),
        )
    )


@CompiledStatement
def _refused(dialect: str) -> Update:
    return (
        update(desk)
        .where(_is_it)
        .values(tries=desk.c.tries + 1, retry_at=bindparam("next_at"), refusal=bindparam("reason"))
    )


@CompiledStatement
def _dirty(dialect: str) -> Select[Any]:
    is_due = or_(
        desk.c.retry_at.is_(None), desk.c.retry_at <= bindparam("moment", type_=UtcTimestamp)
    )
    is_kept = or_(
        desk.c.erase_at.is_(None), desk.c.erase_at > bindparam("moment", type_=UtcTimestamp)
    )
    query = (
        select(*COLUMNS)
        .select_from(contacts_of_users)
        .where(desk.c.rev > desk.c.synced_rev, is_kept, is_due)
    )
    return query.order_by(desk.c.key).limit(bindparam("most"))


def pending(connection: Connection, moment: datetime, *, most: int) -> list[Contact]:
    """Return up to `most` contacts that Airtable does not know yet, and that may be tried now."""
    return [contact_of(row) for row in _dirty.fetch(connection, moment=moment, most=most)]


def count_dirty(connection: Connection) -> int:
    """Return the number of contacts that Airtable does not know yet."""
    query = select(func.count()).select_from(desk).where(desk.c.rev > desk.c.synced_rev)
    return int(connection.execute(query).scalar_one())


def mark_synced(row: Contact, record_id: str, told: Mapping[str, Any] | None = None) -> Write:
    """Note that Airtable took the contact as it was then; `told` are the shared cells."""
    known = {
        "row_key": row.user.key,
        "known_rev": row.rev,
        "known_record": record_id,
        "told_reply": row.reply_taken,
        "told_call": row.call_taken,
        "told_handling": row.status_changed_by_bot,
        "told_status": row.user.status,
        "told_cells": encoded(dict(told or {})),
    }
    return Write(_synced, [known])


def mark_rejected(row: Contact, reason: str, *, next_at: datetime) -> Write:
    """Note that Airtable rejected the contact; it is tried again at `next_at`."""
    values = {"row_key": row.user.key, "reason": reason, "next_at": next_at}
    return Write(_refused, [values])


@CompiledStatement
def _adopt(dialect: str) -> Insert:
    names = ("phone_number_id", "record_id", "told")
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    new = insert_for(dialect, desk).values(
        key=bindparam("row_key"), status_changed_by_bot=true(), **given
    )
    known = {"record_id": new.excluded.record_id, "told": new.excluded.told, "rev": desk.c.rev + 1}
    return new.on_conflict_do_update(
        index_elements=["key"], set_={**known, desk.c.status_changed_by_bot: true()}
    )


def adopt(key: str, *, phone_number_id: str, record_id: str) -> Write:
    """Have a record that operators added be the contact of a person."""
    row = {"row_key": key, "phone_number_id": phone_number_id, "record_id": record_id}
    return Write(_adopt, [{**row, "told": "{}"}])
