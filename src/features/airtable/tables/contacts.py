"""The operators' desk: one row per conversation, and what of it Airtable does not know yet."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    false,
    func,
    not_,
    null,
    or_,
    select,
    text,
    update,
)

from domain.contact import Contact
from domain.delivery import DeliveryStatus, StatusReport
from domain.user import User
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write, change_row
from storage.tables.deliveries import delivery
from storage.tables.users import user

#: Of a message, what operators see.
LONGEST_SHOWN = 300

desk = Table(
    "desk",
    metadata,
    #: that of the person
    Column("key", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("last_inbound_at", UtcTimestamp),
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
    #: what operators call this person: a JSON list
    Column("tags", Text),
    #: when this person was sent a piece of marketing last
    Column("broadcast_at", UtcTimestamp),
    #: in which broadcast
    Column("broadcast_id", Text),
    #: counts changes; Airtable knows of those up to `synced_rev`
    Column("rev", Integer, nullable=False, server_default="1"),
    Column("synced_rev", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("retry_at", UtcTimestamp),
    #: what Airtable said when it refused the record
    Column("refusal", Text),
)
_is_dirty = text("rev > synced_rev")
Index("ix_desk_dirty", desk.c.key, postgresql_where=_is_dirty, sqlite_where=_is_dirty)

_USER = tuple(field.name for field in fields(User))
_DESK = tuple(field.name for field in fields(Contact) if field.name != "user")
_COLUMNS = (*(user.c[name] for name in _USER), *(desk.c[name] for name in _DESK))
_of_user = desk.join(user, user.c.key == desk.c.key)
_of = desk.c.key == bindparam("row_key")


@CompiledStatement
def _touch(dialect: str) -> Insert:
    names = ("phone_number_id", "last_inbound_at", "last_message")
    new = insert_for(dialect, desk).values(
        key=bindparam("row_key"), unread=1, **{name: bindparam(name) for name in names}
    )
    seen = {name: new.excluded[name] for name in names}
    counted = {"rev": desk.c.rev + 1, "unread": desk.c.unread + 1}
    return new.on_conflict_do_update(index_elements=["key"], set_={**seen, **counted})


@CompiledStatement
def _synced(dialect: str) -> Update:
    """Airtable knows the state of `rev`."""
    return (
        update(desk)
        .where(_of)
        .values(
            synced_rev=bindparam("known_rev"),
            record_id=bindparam("known_record"),
            # What changed meanwhile is still to be told.
            reply_taken=func.nullif(desk.c.reply_taken, bindparam("told_reply", type_=Text)),
            status_changed_by_bot=and_(
                desk.c.status_changed_by_bot, not_(bindparam("told_handling", type_=Boolean))
            ),
            tries=0,
            retry_at=null(),
            refusal=null(),
        )
    )


@CompiledStatement
def _refused(dialect: str) -> Update:
    return (
        update(desk)
        .where(_of)
        .values(tries=desk.c.tries + 1, retry_at=bindparam("next_at"), refusal=bindparam("reason"))
    )


@CompiledStatement
def _failed(dialect: str) -> Update:
    """`row_key` is the id of a delivery."""
    whose = select(delivery.c.user_key).where(delivery.c.id == bindparam("row_key"))
    return (
        update(desk)
        .where(desk.c.key == whose.scalar_subquery())
        .values(problem=bindparam("reason"), rev=desk.c.rev + 1)
    )


@CompiledStatement
def _dirty(dialect: str) -> Select[Any]:
    is_due = or_(
        desk.c.retry_at.is_(None), desk.c.retry_at <= bindparam("moment", type_=UtcTimestamp)
    )
    query = (
        select(*_COLUMNS)
        .select_from(_of_user)
        .where(desk.c.rev > desk.c.synced_rev, desk.c.erase_at.is_(None), is_due)
    )
    return query.order_by(desk.c.key).limit(bindparam("most"))


@CompiledStatement
def _to_erase(dialect: str) -> Select[Any]:
    return select(*_COLUMNS).select_from(_of_user).where(desk.c.erase_at.is_not(None))


def _select_page() -> Select[Any]:
    query = select(*_COLUMNS).select_from(_of_user).where(desk.c.key > bindparam("after"))
    query = query.where(user.c.merged_into.is_(None))
    return query.order_by(desk.c.key).limit(bindparam("most"))


@CompiledStatement
def _page(dialect: str) -> Select[Any]:
    return _select_page()


@CompiledStatement
def _locked_page(dialect: str) -> Select[Any]:
    # SQLite knows no such lock, and needs none: it has one writer.
    return _select_page().with_for_update(of=desk)


@CompiledStatement
def _by_record(dialect: str) -> Select[Any]:
    is_asked_for = desk.c.record_id.in_(listed(dialect, "records", Text()))
    return select(*_COLUMNS).select_from(_of_user).where(is_asked_for)


def pending(connection: Connection, moment: datetime, *, most: int) -> list[Contact]:
    """What Airtable should be told, as far as it may be tried now."""
    return [_row(one) for one in _dirty.fetch(connection, moment=moment, most=most)]


def by_record(connection: Connection, record_ids: Sequence[str]) -> list[Contact]:
    """The rows of these records of Airtable."""
    return [_row(one) for one in _by_record.fetch(connection, records=as_list(record_ids))]


def page(connection: Connection, *, after: str, most: int, locked: bool = False) -> list[Contact]:
    """All people, by and by: those that follow the row of a key.

    What is `locked` nobody else changes before the end of the transaction.
    """
    query = _locked_page if locked else _page
    return [_row(one) for one in query.fetch(connection, after=after, most=most)]


def to_erase(connection: Connection) -> list[Contact]:
    """Those who are to be forgotten."""
    return [_row(one) for one in _to_erase.fetch(connection)]


def records_of(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Airtable's ids of the records of these keys."""
    is_told = (desk.c.key.in_(keys), desk.c.record_id.is_not(None))
    return list(connection.scalars(select(desk.c.record_id).where(*is_told)))


def count_dirty(connection: Connection) -> int:
    query = select(func.count()).select_from(desk).where(desk.c.rev > desk.c.synced_rev)
    return int(connection.execute(query).scalar_one())


def touch(key: str, *, phone_number_id: str, at: datetime, message: str) -> Write:
    """A person wrote."""
    row = {
        "row_key": key,
        "phone_number_id": phone_number_id,
        "last_inbound_at": at,
        "last_message": message[:LONGEST_SHOWN],
    }
    return Write(_touch, [row])


def change(key: str, values: Mapping[str, Any]) -> Write:
    """Set some fields of a row; without any, only what is known of the person has changed."""
    return change_row(desk.c.key, key, values, counted=desk.c.rev)


def note_broadcast(key: str, broadcast_id: str, at: datetime) -> Write:
    """A person is sent a piece of marketing; nothing that Airtable shows."""
    return change_row(desk.c.key, key, {"broadcast_at": at, "broadcast_id": broadcast_id})


def mark_synced(row: Contact, record_id: str) -> Write:
    """Airtable took the row as it was."""
    known = {
        "row_key": row.user.key,
        "known_rev": row.rev,
        "known_record": record_id,
        "told_reply": row.reply_taken,
        "told_handling": row.status_changed_by_bot,
    }
    return Write(_synced, [known])


def mark_rejected(row: Contact, reason: str, *, next_at: datetime) -> Write:
    """Airtable did not take the row; try again at `next_at`."""
    values = {"row_key": row.user.key, "reason": reason, "next_at": next_at}
    return Write(_refused, [values])


def failures(statuses: Sequence[StatusReport]) -> list[Write]:
    """What Meta says did not arrive."""
    lost = [one for one in statuses if one.status is DeliveryStatus.FAILED and one.callback_data]
    return [failed(str(one.callback_data), one.error_text or "failed") for one in lost]


def failed(delivery_id: str, reason: str) -> Write:
    """Something that we sent did not arrive."""
    return Write(_failed, [{"row_key": delivery_id, "reason": reason}])


def _row(values: Sequence[Any]) -> Contact:
    place = len(_USER)
    return Contact(User(*values[:place]), *values[place:])
