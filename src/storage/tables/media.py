"""Media ids of the bot's own files at Meta: uploaded once, sent many times."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, Connection, Select, Table, Text, select

from storage.engine.compiled import CompiledStatement, listed
from storage.engine.database import UtcTimestamp, insert, metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.lookup import Lookup

#: Age up to which an upload is used again: Meta keeps it for 30 days.
MAX_UPLOAD_AGE = timedelta(days=29)

media = Table(
    "media",
    metadata,
    #: the sending number, and the SHA-256 of the content
    Column("key", Text, primary_key=True),
    Column("media_id", Text, nullable=False),
    Column("uploaded_at", UtcTimestamp, nullable=False),
)


@CompiledStatement
def _uploads(dialect: str) -> Select[tuple[str, str, datetime]]:
    is_asked_for = media.c.key.in_(listed(dialect, "keys", Text()))
    return select(media.c.key, media.c.media_id, media.c.uploaded_at).where(is_asked_for)


class Media:
    """Reads and stores the media ids of uploads."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def id_of(self, key: str, *, now: datetime) -> str | None:
        """Return the media id of an upload that Meta still has, or None."""
        row = await self._database.submit(Lookup(_uploads, key))
        if row is None:
            return None
        _, media_id, uploaded_at = row
        return str(media_id) if uploaded_at >= now - MAX_UPLOAD_AGE else None

    async def remember(self, key: str, media_id: str) -> None:
        """Store the media id of an upload that was made now."""

        def save(connection: Connection, now: float) -> None:
            new = insert(connection, media).values(
                key=key, media_id=media_id, uploaded_at=datetime.fromtimestamp(now, UTC)
            )
            fresh = {"media_id": new.excluded.media_id, "uploaded_at": new.excluded.uploaded_at}
            connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=fresh))

        await self._database.submit(Transaction(save))
