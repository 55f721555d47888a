"""Kept files in both databases: pieces, in order, and only of files that are still wanted."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from domain.user import User
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import kept_file_pieces, kept_files, users
from storage.tables.kept_file_pieces import PIECE_BYTES

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
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
            kept_file_pieces.put_piece(connection, file_id, number, part, now)
            for file_id in ("7", "7", "forgotten")
            for number, part in reversed(pieces)
        ]

    assert await database.submit(Transaction(keep)) == [True] * 4 + [False] * 2
    read = Transaction(lambda c, _: kept_file_pieces.read(c, "7"))
    assert await database.submit(read) == CONTENT
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
