"""Where operators see the files that people send outside of forms, and until when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables import contact_reader
from features.airtable.tables import contacts as desk
from services.operator_tables import FILES, OperatorTable, TableSchema
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.tables import kept_file_pieces, kept_files
from storage.tables.kept_files import KeptFile

#: Most forgotten files that one cycle looks at.
MAX_FORGOTTEN = 10
#: A record has the files that its person sent in this time before it was opened, too.
EARLIER = timedelta(hours=1)
#: Time after its opening in which a record gets them.
NEW_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A cell in which a file belongs, and how *Problem* of its record is written."""

    table: TableSchema
    field: str
    record_id: str
    note: partial[Write]


@dataclass(frozen=True, slots=True)
class ChatFiles:
    """Files are in the contact, and in the tables that want them, such as the open ticket."""

    contacts: TableSchema
    tables: Sequence[OperatorTable]
    database: GroupCommit

    def places(self, connection: Connection, user_key: str, *, is_new: bool) -> Iterator[Place]:
        """Yield the records that have files of a person; of a new one, those that get it."""
        note = partial(note_contact, user_key)
        for contact in contact_reader.by_keys(connection, [user_key]):
            yield Place(self.contacts, FILES, contact.record_id or "", note)
        for table in self.tables:
            for record_id in table.file_records(connection, user_key, is_new=is_new):
                yield Place(table.schema, FILES, record_id or "", note)

    def earlier(self, connection: Connection, now: float) -> Sequence[tuple[KeptFile, Place]]:
        """Return files that operators were shown before a record was opened that wants them."""
        since = datetime.fromtimestamp(now, UTC) - NEW_FOR
        found: list[tuple[KeptFile, Place]] = []
        for table in self.tables:
            opened = {one.user_key: one for one in table.opened_records(connection, since)}
            for file in kept_files.shown_in_chats(connection, opened, since - EARLIER, now):
                record = opened[file.user_key]
                is_recent = file.asked_at > record.opened_at - EARLIER
                if is_recent and file.shown_at and file.shown_at < record.opened_at:
                    note = partial(note_contact, file.user_key)
                    found.append((file, Place(table.schema, FILES, record.id, note)))
        return found

    async def hide_forgotten(self, cycle: SyncCycle) -> None:
        """Empty the cells of people all of whose files are too old, or deleted by themselves."""
        gone, places = await self.database.submit(Transaction(self._forgotten))
        for table in (self.contacts, *(one.schema for one in self.tables)):
            cells = {one.record_id: {FILES: None} for one in places if one.table is table}
            await cycle.update(table, cells)
        if gone:
            ids = [file.id for file in gone]
            await self.database.submit(
                Transaction(lambda c, _: kept_file_pieces.delete_files(c, ids))
            )

    def _forgotten(
        self, connection: Connection, now: float
    ) -> tuple[Sequence[KeptFile], Sequence[Place]]:
        gone = kept_files.gone(connection, now, most=MAX_FORGOTTEN)
        people = {file.user_key for file in gone if file.message_id and file.shown_at}
        done = [key for key in people if not _has_files(connection, key, now)]
        found = [place for key in done for place in self.places(connection, key, is_new=False)]
        return gone, [place for place in found if place.record_id]


def _has_files(connection: Connection, user_key: str, now: float) -> bool:
    """Return whether operators may still see a file that a person sent outside of a form."""
    return any(file.message_id for file in kept_files.of(connection, user_key, now))


def note_contact(key: str, problem: str) -> Write:
    """Have operators read a problem beside the contact."""
    return desk.change(key, {"correction": problem})
