"""Shows operators the files that people sent, as attachments.

Those in answers are in the record; others are in the open ticket, and in the contact.

Airtable takes files of up to 5 MB, as long as the plan of the workspace has room for them.
Source: https://airtable.com/developers/web/api/upload-attachment
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from loguru import logger
from sqlalchemy import Connection

from features.airtable.base_schema import CONTACTS, contacts_schema
from features.airtable.chat_files import ChatFiles, Place, note_contact
from features.airtable.columns import Column
from features.airtable.contact_columns import contact_columns
from features.airtable.record_schema import RecordSchema
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables import contact_reader, record_sync
from flow_engine import SavedData
from services.clients.airtable import errors
from services.operator_tables import OperatorTable
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.tables import kept_file_pieces, kept_files, records
from storage.tables.kept_files import KeptFile
from utils.key_ring import ContentChanged, KeyMissing, KeyRing

#: Largest file that Airtable takes, in bytes.
MAX_BYTES = 5 * 1024 * 1024
#: Most files that one cycle looks at.
MAX_FILES = 10
TOO_LARGE = "Airtable takes files of up to 5 MB"
REFUSED = "Airtable did not take it (the plan may have no room for attachments)"
UNREADABLE = "the bot cannot decrypt it (FILES_KEYS)"
ELSEWHERE = "The bot has it: watch.py files export."


class Attachments:
    """Uploads kept files, once Airtable has the record of the answers."""

    def __init__(
        self,
        saved: SavedData,
        database: GroupCommit,
        keys: KeyRing,
        tables: Sequence[OperatorTable],
    ) -> None:
        self._database = database
        self._keys = keys
        self._contacts = contacts_schema(saved)
        self._chat = ChatFiles(self._contacts, tables, database)
        taken = [field.name for field in CONTACTS.fields]
        self._profile = contact_columns(saved, taken).free
        self._forms = [RecordSchema(form) for form in saved.forms]

    async def push(self, cycle: SyncCycle) -> None:
        """Upload files that operators do not have yet, or say why they cannot have them."""
        await self._chat.hide_forgotten(cycle)
        await self._push_earlier(cycle)
        found = await self._database.submit(
            Transaction(lambda c, now: kept_files.unshown(c, now, most=MAX_FILES))
        )
        for file in found if cycle.calls_left else ():
            places = await self._places(file)
            if places is None or not cycle.calls_left:
                continue  # Airtable does not know the record yet
            await self._show_in(cycle, places, file)
        cycle.has_more |= len(found) == MAX_FILES

    async def _push_earlier(self, cycle: SyncCycle) -> None:
        """Upload what people sent shortly before a ticket was opened to the ticket, too."""
        for file, place in await self._database.submit(Transaction(self._chat.earlier)):
            if not cycle.calls_left:
                cycle.has_more = True
                break
            await self._show_in(cycle, [place], file)

    async def _show_in(self, cycle: SyncCycle, places: Sequence[Place], file: KeptFile) -> None:
        for place in places:
            problem = await self._show(cycle, place, file)
            if problem is not None:
                cycle.writes.append(place.note(f"{place.field}: {problem}."))
                cycle.applied_changes = True
        await self._remember(kept_files.change(file.id, shown_at=cycle.now))

    async def _show(self, cycle: SyncCycle, place: Place, file: KeptFile) -> str | None:
        """Upload a file; return what operators should know if that is impossible."""
        if file.problem is not None:
            return file.problem
        if (file.size or 0) > MAX_BYTES:
            return f"{TOO_LARGE}. {ELSEWHERE}".rstrip(".")
        try:
            content = await self._database.submit(
                Transaction(lambda c, _: kept_file_pieces.read(c, self._keys, file.id))
            )
        except (KeyMissing, ContentChanged):
            return UNREADABLE
        cycle.calls += 1
        try:
            await cycle.airtable.upload(
                place.record_id,
                cycle.ids.of(place.table, place.field),
                content,
                filename=file.name,
                mime_type=file.mime_type or "application/octet-stream",
            )
        except errors.WrongValue as error:
            logger.warning("a file is not shown in Airtable: {}", error)
            return f"{REFUSED}. {ELSEWHERE}".rstrip(".")
        except errors.NotFound:
            return None  # an operator deleted the record meanwhile
        return None

    async def _remember(self, shown: Write) -> None:
        """Store at once what was uploaded: a cycle that fails later would do it again."""
        await self._database.submit(Transaction(lambda c, _: execute_writes(c, [shown])))

    async def _places(self, file: KeptFile) -> Sequence[Place] | None:
        """Return where the file belongs; None while a record of it is still to be pushed."""

        def find(connection: Connection, _now: float) -> Sequence[Place] | None:
            found = list(self._found(connection, file))
            return None if any(not one.record_id for one in found) else found

        return await self._database.submit(Transaction(find))

    def _found(self, connection: Connection, file: KeptFile) -> Iterator[Place]:
        if file.message_id is not None:
            yield from self._chat.places(connection, file.user_key, is_new=True)
            return
        for contact in contact_reader.by_keys(connection, [file.user_key]):
            for column in self._profile:
                if _has(column, contact.user.profile, file):
                    note = partial(note_contact, contact.user.key)
                    yield Place(self._contacts, column.title, contact.record_id or "", note)
        for shown in self._forms:
            named = shown.form.name
            for row_id, record_id, answers in record_sync.of_person(
                connection, named, file.user_key
            ):
                for column in shown.columns:
                    if _has(column, answers, file):
                        note = partial(_note_record, row_id)
                        yield Place(shown.table, column.title, record_id or "", note)


def _has(column: Column, answers: Mapping[str, Any], file: KeptFile) -> bool:
    value = answers.get(column.field.name) or {}
    return column.is_upload(value) and value.get("media_id") == file.id


def _note_record(record_id: int, problem: str) -> Write:
    return records.change(record_id, {"problem": problem})
