"""Room for files: the oldest ones that people sent outside of forms go first."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select, update

from storage.tables import kept_files
from storage.tables.kept_file_pieces import piece
from storage.tables.kept_files import kept_file


def make_room(connection: Connection, now: float, *, size: int, room: int) -> bool:
    """Have files take at most `room` bytes with one more of `size`; return whether they do.

    Those in answers stay. Where the others are not enough, nothing is dropped.
    """
    missing = kept_files.bytes_kept(connection, now) + size - room
    dropped: list[str] = []
    of, at = kept_file.c, datetime.fromtimestamp(now, UTC)
    is_in_chat = (of.message_id.is_not(None), of.kept_at.is_not(None), of.forget_at > at)
    oldest = select(of.id, of.size).where(*is_in_chat).order_by(of.asked_at)
    for file_id, freed in connection.execute(oldest) if missing > 0 else ():
        if missing <= 0:
            break
        dropped.append(file_id)
        missing -= freed or 0
    if missing > 0:
        return False
    if dropped:
        # The rows stay for a while: operators who have copies elsewhere are told.
        connection.execute(update(kept_file).where(of.id.in_(dropped)).values(forget_at=at))
        connection.execute(delete(piece).where(piece.c.file_id.in_(dropped)))
    return True
