"""Records that operators add by hand to a table of what flows save: theirs count like a person's.

The record needs its contact and what the form asks for. Until then *Problem* says what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from features.airtable.added_records import NotAdopted
from features.airtable.corrections import same_cell
from features.airtable.plain_reasons import reason_of
from features.airtable.record_schema import RecordSchema
from features.airtable.tables import contact_reader, record_sync
from features.airtable.tables.record_sync import NewRecord
from services.operator_tables import Cells, Owner
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.tables.users import same_person

NO_CONTACT = "Contact: choose the person whose record this is."
MANY_CONTACTS = "Contact: choose one person."
UNKNOWN_CONTACT = (
    "Contact: the bot does not know this contact yet. Write its phone number there, and then "
    "change something here."
)
FORGOTTEN = (
    "The person had this record deleted, or an operator erased the person. Add a new record if "
    "there is to be one."
)
EMPTY = "it is empty"


@dataclass(frozen=True, slots=True)
class RecordAdoption:
    """Makes records that operators added the bot's own."""

    shown: RecordSchema
    database: GroupCommit

    async def adopt(self, record_id: str, cells: Cells, now: datetime) -> bool:
        """Keep a record; return whether its status was chosen for it, and not copied along.

        An empty record is left alone, and so is one of the bot's own. Raises NotAdopted.
        """
        name = self.shown.form.name
        number = record_sync.number_of(name, str(cells.get("Record") or ""))
        known = await self.database.submit(
            Transaction(lambda c, _: record_sync.record_ids(c, name, number, record_id))
        )
        is_known = record_id in known.values()
        if number is not None and number not in known and not is_known:
            raise NotAdopted(FORGOTTEN)
        is_copy = number is not None and known.get(number) not in (None, record_id)
        if is_known or (number is not None and not is_copy):
            return not is_copy
        if not any(self._is_filled_in(cells)):
            return False
        person, answers = await self._read(cells)
        made = NewRecord(
            collection=name,
            user_key=person,
            fields=answers,
            option_key=self.shown.form.option_key(answers),
            told={title: cells.get(title) for title in self._shared},
            record_id=record_id,
            created_at=now,
        )
        await self.database.submit(
            Transaction(lambda c, _: execute_writes(c, [record_sync.adopt(made)]))
        )
        return not is_copy

    async def _read(self, cells: Cells) -> tuple[str, Mapping[str, Any]]:
        """Return the person and the answers of a record; NotAdopted names all that is wrong."""
        problems, person = list[str](), ""
        try:
            person = await self._person(cells.get("Contact") or ())
        except NotAdopted as error:
            problems.append(str(error))
        answers: dict[str, Any] = {}
        for column in self.shown.columns:
            if column.title not in self._shared:
                continue  # files are the person's
            cell = cells.get(column.title)
            try:
                answers |= column.parse_cell(cell)
            except ValueError as error:
                reason = EMPTY if same_cell(cell, None) else reason_of(error)
                problems.append(f"{column.title}: {reason}.")
        if problems:
            raise NotAdopted("\n".join(("Not taken over yet.", *problems)))
        return person, answers

    async def _person(self, linked: Sequence[str]) -> str:
        """Return the key of the linked person, also where two contacts turned out to be one."""
        if not linked:
            raise NotAdopted(NO_CONTACT)
        if len(linked) > 1:
            raise NotAdopted(MANY_CONTACTS)

        def find(connection: Connection, _now: float) -> str | None:
            found = contact_reader.by_record(connection, linked)
            return same_person(connection, found[0].user.key)[0].key if found else None

        key = await self.database.submit(Transaction(find))
        if key is None:
            raise NotAdopted(UNKNOWN_CONTACT)
        return key

    @property
    def _shared(self) -> tuple[str, ...]:
        return self.shown.table.owned_by(Owner.BOTH)

    def _is_filled_in(self, cells: Cells) -> list[bool]:
        return [bool(cells.get(title)) for title in ("Contact", "Status", *self._shared)]
