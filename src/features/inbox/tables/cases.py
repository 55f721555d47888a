"""When people asked for a person, when somebody answered, and when it was done."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    select,
    update,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write
from storage.person_rows import delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which cases are kept.
KEEP_CASES = timedelta(days=365)


def _join(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: of two open cases, that of the person who goes on stays."""
    is_open = inbox_case.c.closed_at.is_(None)
    if connection.execute(select(key).where(key == into, is_open)).first() is not None:
        connection.execute(delete(inbox_case).where(key == other, is_open))
    move_rows(connection, key, into=into, other=other)


#: A person has one open case at most.
inbox_case = Table(
    "inbox_case",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("opened_at", UtcTimestamp, nullable=False, index=True),
    Column("answered_at", UtcTimestamp),
    #: name of the operator who answered first
    Column("answered_by", Text),
    Column("closed_at", UtcTimestamp),
)
_is_open = inbox_case.c.closed_at.is_(None)
Index(
    "ix_inbox_case_open",
    inbox_case.c.user_key,
    unique=True,
    postgresql_where=_is_open,
    sqlite_where=_is_open,
)
declare_person_table(
    inbox_case,
    on_erase=delete_rows,
    on_merge=_join,
    on_forget=None,  # it tells how fast operators were, and nothing that the person said
    purge=older_than(KEEP_CASES, inbox_case.c.opened_at),
)


@CompiledStatement
def _open(dialect: str) -> Insert:
    new = insert_for(dialect, inbox_case).values(
        id=bindparam("case_id"), user_key=bindparam("row_key"), opened_at=bindparam("at")
    )
    return new.on_conflict_do_nothing()


@CompiledStatement
def _answer(dialect: str) -> Update:
    of = inbox_case.c
    is_it = (of.user_key == bindparam("row_key"), of.closed_at.is_(None), of.answered_at.is_(None))
    answered = bindparam("at", type_=UtcTimestamp)
    return (
        update(inbox_case).where(*is_it).values(answered_at=answered, answered_by=bindparam("who"))
    )


@CompiledStatement
def _close(dialect: str) -> Update:
    of = inbox_case.c
    is_it = (of.user_key == bindparam("row_key"), of.closed_at.is_(None))
    return update(inbox_case).where(*is_it).values(closed_at=bindparam("at", type_=UtcTimestamp))


def open_(user_key: str, at: datetime) -> Write:
    """Note that a person asks for a person; an open case stays as it is."""
    return Write(_open, [{"row_key": user_key, "case_id": secrets.token_hex(8), "at": at}])


def answer(user_key: str, who: str, at: datetime) -> Write:
    """Note the first answer to a person."""
    return Write(_answer, [{"row_key": user_key, "who": who, "at": at}])


def close(user_key: str, at: datetime) -> Write:
    """Note that operators are done."""
    return Write(_close, [{"row_key": user_key, "at": at}])
