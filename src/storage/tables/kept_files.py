"""Files that people sent as answers: Meta deletes its copy after 30 days at the latest.

The content lies in pieces, so that no transaction holds up the others for long.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write, change_row
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table

#: Size of a piece, in bytes.
PIECE_BYTES = 256 * 1024


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
)
_is_unshown = text("shown_at IS NULL")
Index(
    "ix_kept_file_unshown",
    kept_file.c.asked_at,
    postgresql_where=_is_unshown,
    sqlite_where=_is_unshown,
)
piece = Table(
    "kept_file_piece",
    metadata,
    Column("file_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
)
for _table in (kept_file, piece):
    declare_person_table(
        _table,
        on_erase=delete_rows,
        on_merge=move_rows,
        on_forget=delete_by(_table.c.user_key),
    )

_COLUMNS = tuple(kept_file.c[name] for name in KeptFile.__dataclass_fields__)


@CompiledStatement
def _expect(dialect: str) -> Insert:
    names = ("user_key", "kind", "mime_type", "filename", "asked_at")
    new = insert_for(dialect, kept_file).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


def expect(
    file_id: str, *, user_key: str, kind: str, mime_type: str, filename: str | None, at: datetime
) -> Write:
    """Note that a file is to be kept; once more changes nothing."""
    row: dict[str, Any] = {"row_key": file_id, "user_key": user_key, "kind": kind}
    return Write(_expect, [{**row, "mime_type": mime_type, "filename": filename, "asked_at": at}])


def change(file_id: str, **values: object) -> Write:
    """Set some columns of a file."""
    return change_row(kept_file.c.id, file_id, values)


def find(connection: Connection, file_id: str) -> KeptFile | None:
    """Return a file; None if it is forgotten."""
    row = connection.execute(select(*_COLUMNS).where(kept_file.c.id == file_id)).first()
    return None if row is None else KeptFile(*row)


def of(connection: Connection, user_key: str) -> Sequence[KeptFile]:
    """Return the files of a person, the oldest first."""
    theirs = select(*_COLUMNS).where(kept_file.c.user_key == user_key)
    rows = connection.execute(theirs.order_by(kept_file.c.asked_at))
    return [KeptFile(*row) for row in rows]


def list_files() -> Select[Any]:
    """Select all files that are there."""
    return select(*_COLUMNS).where(kept_file.c.kept_at.is_not(None)).order_by(kept_file.c.asked_at)


def unshown(connection: Connection, *, most: int) -> Sequence[KeptFile]:
    """Return files that are there, or that cannot be kept, and that operators know nothing of."""
    is_decided = kept_file.c.kept_at.is_not(None) | kept_file.c.problem.is_not(None)
    query = select(*_COLUMNS).where(kept_file.c.shown_at.is_(None), is_decided)
    rows = connection.execute(query.order_by(kept_file.c.asked_at).limit(most))
    return [KeptFile(*row) for row in rows]


def bytes_kept(connection: Connection) -> int:
    """Return the size of all files together."""
    return int(connection.scalar(select(func.coalesce(func.sum(kept_file.c.size), 0))) or 0)


def pieces_of(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces of a content, with their numbers."""
    for start in range(0, len(content), PIECE_BYTES):
        yield start // PIECE_BYTES, content[start : start + PIECE_BYTES]


def put_piece(connection: Connection, file_id: str, number: int, content: bytes) -> bool:
    """Store one piece, in place of the same one; return False if the file is forgotten."""
    found = find(connection, file_id)
    if found is None:
        return False
    connection.execute(delete(piece).where(piece.c.file_id == file_id, piece.c.number == number))
    row = {"file_id": file_id, "number": number, "user_key": found.user_key, "content": content}
    connection.execute(piece.insert().values(row))
    return True


def read(connection: Connection, file_id: str) -> bytes:
    """Return the content of a file."""
    query = select(piece.c.content).where(piece.c.file_id == file_id).order_by(piece.c.number)
    return b"".join(connection.scalars(query))
