"""Encrypts what is stored with older keys, or by versions that did not encrypt, with the newest."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, or_, select, update

from storage.tables.kept_file_pieces import piece, place_of, read_piece
from utils.key_ring import ContentChanged, KeyMissing, KeyRing

#: Pieces that one transaction encrypts anew: it must not hold up a webhook.
BATCH = 4


def encrypt_some(
    connection: Connection, keys: KeyRing, after: tuple[str, int]
) -> tuple[str, int] | None:
    """Encrypt the next pieces after a place; return the last one, None if there are no more.

    What no key of the ring opens stays as it is.
    """
    of = piece.c
    is_old = or_(of.key_id.is_(None), of.key_id != keys.newest)
    file_id, number = after
    is_next = or_(of.file_id > file_id, (of.file_id == file_id) & (of.number > number))
    query = select(of.file_id, of.number).where(is_old, is_next)
    rows = connection.execute(query.order_by(of.file_id, of.number).limit(BATCH)).all()
    for file_id, number in rows:
        try:
            content = read_piece(connection, keys, file_id, number)
        except (KeyMissing, ContentChanged):
            continue
        if content is not None:
            sealed = keys.seal(content, place_of(file_id, number))
            is_it = (of.file_id == file_id, of.number == number)
            connection.execute(update(piece).where(*is_it).values(sealed._asdict()))
    return (file_id, number) if rows else None


def count_by_key(connection: Connection) -> Mapping[str | None, int]:
    """Return how many pieces are encrypted with each key; under None those that are not."""
    of = piece.c.key_id
    return dict(connection.execute(select(of, func.count()).group_by(of)).all())
