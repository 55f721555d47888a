"""What is in the files that people sent: in pieces, so that no transaction holds up others.

Each piece is encrypted, and bound to its place in its file.
"""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, Text, delete, select

from storage.engine.database import metadata
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table
from storage.tables.kept_files import find, is_over, kept_file
from utils.key_ring import KeyRing, Sealed

#: Size of a piece, in bytes.
PIECE_BYTES = 256 * 1024
#: Most files whose contents one transaction of retention deletes.
MAX_PURGED_FILES = 5

piece = Table(
    "kept_file_piece",
    metadata,
    Column("file_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("content", LargeBinary, nullable=False),
    #: public name of the key that it is encrypted with; None: stored by a version that did not
    Column("key_id", Text, index=True),
)


def _purge(connection: Connection, now: float) -> int:
    """Delete the contents of files whose time is over."""
    of_file = piece.join(kept_file, kept_file.c.id == piece.c.file_id)
    query = select(piece.c.file_id).distinct().select_from(of_file).where(is_over(now))
    ids = list(connection.scalars(query.limit(MAX_PURGED_FILES)))
    connection.execute(delete(piece).where(piece.c.file_id.in_(ids)))
    return len(ids)


declare_person_table(
    piece,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(piece.c.user_key),
    purge=_purge,
)


def pieces_of(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces of a content, with their numbers."""
    for start in range(0, len(content), PIECE_BYTES):
        yield start // PIECE_BYTES, content[start : start + PIECE_BYTES]


def put_piece(
    connection: Connection, keys: KeyRing, file_id: str, number: int, content: bytes, now: float
) -> bool:
    """Store one piece, in place of the same one; return False if the file is forgotten.

    Raise KeyMissing without a key.
    """
    found = find(connection, file_id, now)
    if found is None:
        return False
    connection.execute(delete(piece).where(piece.c.file_id == file_id, piece.c.number == number))
    row = {"file_id": file_id, "number": number, "user_key": found.user_key}
    row |= keys.seal(content, place_of(file_id, number))._asdict()
    connection.execute(piece.insert().values(row))
    return True


def read_piece(connection: Connection, keys: KeyRing, file_id: str, number: int) -> bytes | None:
    """Return the content of one piece; None if it is not there.

    Raise KeyMissing or ContentChanged.
    """
    query = select(piece.c.key_id, piece.c.content)
    row = connection.execute(
        query.where(piece.c.file_id == file_id, piece.c.number == number)
    ).first()
    if row is None or row.key_id is None:
        return None if row is None else bytes(row.content)
    return keys.open(Sealed(row.key_id, row.content), place_of(file_id, number))


def read(connection: Connection, keys: KeyRing, file_id: str) -> bytes:
    """Return the content of a file. Raise KeyMissing or ContentChanged."""
    query = select(piece.c.number).where(piece.c.file_id == file_id).order_by(piece.c.number)
    numbers = list(connection.scalars(query))
    return b"".join(read_piece(connection, keys, file_id, one) or b"" for one in numbers)


def place_of(file_id: str, number: int) -> bytes:
    """Return what a piece is bound to."""
    return json.dumps([file_id, number]).encode()


def delete_files(connection: Connection, file_ids: Sequence[str]) -> None:
    """Delete files, with their contents."""
    connection.execute(delete(piece).where(piece.c.file_id.in_(file_ids)))
    connection.execute(delete(kept_file).where(kept_file.c.id.in_(file_ids)))
