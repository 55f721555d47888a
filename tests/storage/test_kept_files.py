"""Kept files in both databases: pieces, in order, and only of files that are still wanted."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, select, update

from domain.user import User
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import kept_file_pieces, kept_files, users
from storage.tables.kept_file_pieces import PIECE_BYTES, piece
from utils.key_ring import ContentChanged, KeyMissing, KeyRing, new_key

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
KEYS = KeyRing([SecretStr(new_key())])
CONTENT = bytes(range(256)) * (PIECE_BYTES // 256) + b"the end"


async def test_a_file_comes_back_from_its_pieces(database: GroupCommit) -> None:
    expected = kept_files.expect(
        "7", user_key="ana", kind="image", mime_type="image/jpeg", filename=None, at=AT
    )
    ana = users.add(User("ana", "CO.1", "573001234567", "Ana"))
    await database.submit(CommitJobs(writes=[ana, expected, expected]))

    def keep(connection: Connection, now: float) -> list[bool]:
        pieces = list(kept_file_pieces.pieces_of(CONTENT))
        return [
            kept_file_pieces.put_piece(connection, KEYS, file_id, number, part, now)
            for file_id in ("7", "7", "forgotten")
            for number, part in reversed(pieces)
        ]

    assert await database.submit(Transaction(keep)) == [True] * 4 + [False] * 2
    read = Transaction(lambda c, _: kept_file_pieces.read(c, KEYS, "7"))
    assert await database.submit(read) == CONTENT

    def stored(connection: Connection, _now: float) -> bytes:
        return b"".join(connection.scalars(select(piece.c.content)))

    assert CONTENT[:64] not in await database.submit(Transaction(stored))

    def open_otherwise(connection: Connection, _now: float) -> None:
        with pytest.raises(KeyMissing):
            kept_file_pieces.read(connection, KeyRing([SecretStr(new_key())]), "7")
        # a piece that is copied to another place
        connection.execute(update(piece).where(piece.c.number == 1).values(number=2))
        with pytest.raises(ContentChanged):
            kept_file_pieces.read(connection, KEYS, "7")
        connection.execute(update(piece).where(piece.c.number == 2).values(number=1))

    await database.submit(Transaction(open_otherwise))
    unshown = Transaction(lambda c, now: kept_files.unshown(c, now, most=9))
    assert await database.submit(unshown) == []
    kept = kept_files.change("7", size=len(CONTENT), kept_at=AT)
    await database.submit(CommitJobs(writes=[kept]))
    [file] = await database.submit(unshown)
    assert (file.id, file.kept_at, file.size) == ("7", AT, len(CONTENT))
    total = Transaction(kept_files.bytes_kept)
    assert await database.submit(total) == len(CONTENT)
    await database.submit(CommitJobs(writes=[kept_files.change("7", shown_at=AT)]))
    assert await database.submit(unshown) == []
