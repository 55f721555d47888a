"""Files that people sent: Meta deletes its copy after 30 days at the latest.

Their contents are in `storage.tables.kept_file_pieces`.
"""

import mimetypes
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    func,
    not_,
    or_,
    select,
    text,
    update,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write, change_row
from storage.person_rows import delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: The row of a forgotten file stays so long, without its content: operators may still see the file.
KEEP_FORGOTTEN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file; it is there once it has a `kept_at`."""

    #: Meta's media id
    id: str
    user_key: str
    #: Meta's type of the message: "image", "document", ...
    kind: str
    mime_type: str
    filename: str | None
    asked_at: datetime
    #: in bytes
    size: int | None
    kept_at: datetime | None
    #: why it cannot be kept, or cannot be shown to operators
    problem: str | None
    #: when operators were shown the file, or its problem
    shown_at: datetime | None
    #: Meta's id of the message that brought it outside of a form; None for a file in an answer
    message_id: str | None = None
    #: when it is deleted; None: with the answer that it is in
    forget_at: datetime | None = None

    @property
    def name(self) -> str:
        """Return the name that the person gave it, or one by its type: "image.jpg"."""
        plain_type = self.mime_type.partition(";")[0].strip()
        return self.filename or f"{self.kind}{mimetypes.guess_extension(plain_type) or ''}"


kept_file = Table(
    "kept_file",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    Column("filename", Text),
    Column("asked_at", UtcTimestamp, nullable=False),
    Column("size", Integer),
    Column("kept_at", UtcTimestamp),
    Column("problem", Text),
    Column("shown_at", UtcTimestamp),
    Column("message_id", Text),
    Column("forget_at", UtcTimestamp, index=True),
)
_is_unshown = text("shown_at IS NULL")
Index(
    "ix_kept_file_unshown",
    kept_file.c.asked_at,
    postgresql_where=_is_unshown,
    sqlite_where=_is_unshown,
)


@CompiledStatement
def _forget(dialect: str) -> Update:
    """Delete my data: the rows stay until operators see the files no longer."""
    theirs = kept_file.c.user_key == bindparam("row_key")
    return update(kept_file).where(theirs).values(forget_at=datetime.fromtimestamp(0, UTC))


declare_person_table(
    kept_file,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=_forget,
    purge=older_than(KEEP_FORGOTTEN, kept_file.c.forget_at),
)

_COLUMNS = tuple(kept_file.c[name] for name in KeptFile.__dataclass_fields__)


@CompiledStatement
def _expect(dialect: str) -> Insert:
    names = ("user_key", "kind", "mime_type", "filename", "asked_at", "message_id", "forget_at")
    new = insert_for(dialect, kept_file).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


def expect(
    file_id: str,
    *,
    user_key: str,
    kind: str,
    mime_type: str,
    filename: str | None,
    at: datetime,
    message_id: str | None = None,
    forget_at: datetime | None = None,
) -> Write:
    """Note that a file is to be kept; once more changes nothing."""
    row: dict[str, Any] = {"row_key": file_id, "user_key": user_key, "kind": kind}
    row |= {"mime_type": mime_type, "filename": filename, "asked_at": at}
    return Write(_expect, [{**row, "message_id": message_id, "forget_at": forget_at}])


def change(file_id: str, **values: object) -> Write:
    """Set some columns of a file."""
    return change_row(kept_file.c.id, file_id, values)


def find(connection: Connection, file_id: str, now: float) -> KeptFile | None:
    """Return a file; None if it is forgotten."""
    found = select(*_COLUMNS).where(kept_file.c.id == file_id, _is_there(now))
    row = connection.execute(found).first()
    return None if row is None else KeptFile(*row)


def of(connection: Connection, user_key: str, now: float) -> Sequence[KeptFile]:
    """Return the files of a person, the oldest first."""
    theirs = select(*_COLUMNS).where(kept_file.c.user_key == user_key, _is_there(now))
    rows = connection.execute(theirs.order_by(kept_file.c.asked_at))
    return [KeptFile(*row) for row in rows]


def list_files(now: float) -> Select[Any]:
    """Select all files that are there."""
    is_kept = (kept_file.c.kept_at.is_not(None), _is_there(now))
    return select(*_COLUMNS).where(*is_kept).order_by(kept_file.c.asked_at)


def gone(connection: Connection, now: float, *, most: int) -> Sequence[KeptFile]:
    """Return files that are forgotten, though operators may still see them."""
    query = select(*_COLUMNS).where(is_over(now)).order_by(kept_file.c.forget_at).limit(most)
    return [KeptFile(*row) for row in connection.execute(query)]


def unshown(connection: Connection, now: float, *, most: int) -> Sequence[KeptFile]:
    """Return files that are there, or that cannot be kept, and that operators know nothing of."""
    is_decided = kept_file.c.kept_at.is_not(None) | kept_file.c.problem.is_not(None)
    is_news = (kept_file.c.shown_at.is_(None), is_decided, _is_there(now))
    query = select(*_COLUMNS).where(*is_news)
    rows = connection.execute(query.order_by(kept_file.c.asked_at).limit(most))
    return [KeptFile(*row) for row in rows]


def shown_in_chats(
    connection: Connection, user_keys: Collection[str], since: datetime, now: float
) -> Sequence[KeptFile]:
    """Return files that people sent since then outside of forms, and that operators have."""
    if not user_keys:
        return []
    of = kept_file.c
    is_shown = (of.kept_at.is_not(None), of.shown_at.is_not(None), of.message_id.is_not(None))
    is_meant = (of.user_key.in_(user_keys), of.asked_at > since, _is_there(now))
    query = select(*_COLUMNS).where(*is_meant, *is_shown).order_by(of.asked_at)
    return [KeptFile(*row) for row in connection.execute(query)]


def bytes_kept(connection: Connection, now: float) -> int:
    """Return the size of all files together."""
    total = select(func.coalesce(func.sum(kept_file.c.size), 0)).where(_is_there(now))
    return int(connection.scalar(total) or 0)


def is_over(now: float) -> ColumnElement[bool]:
    """Return the condition that the time of a file is over."""
    return kept_file.c.forget_at <= datetime.fromtimestamp(now, UTC)


def _is_there(now: float) -> ColumnElement[bool]:
    return or_(kept_file.c.forget_at.is_(None), not_(is_over(now)))
