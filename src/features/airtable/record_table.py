"""A table of what flows save: shown to operators, whose *Status* counts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from features.airtable.added_records import AddedRecords
from features.airtable.corrections import (
    Corrections,
    correction_writes,
    problem_after,
    read_corrections,
)
from features.airtable.record_adoption import RecordAdoption
from features.airtable.record_events import record_changed
from features.airtable.record_jobs import RECORD_STATUS, StatusJob
from features.airtable.record_schema import NEW, RecordSchema, key_of
from features.airtable.tables import contact_reader, record_sync
from features.airtable.tables.sync_tracking import SyncedRow, SyncTable
from flow_engine import SavedForm
from services.airtable_service import MAX_BATCH_RECORDS
from services.conversations.extensions import Extensions
from services.conversations.job_specs import CONVERSATIONS
from services.operator_tables import Cells, Changed, OperatorTable, Owner, SyncCycle, SyncedRows
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.json_column import encoded
from storage.tables import records
from storage.tables.records import IS_THERE, SavedRecord, record
from storage.tables.users import Users


class RecordTable(OperatorTable):
    """Records of one saved form."""

    def __init__(self, form: SavedForm, database: GroupCommit, extensions: Extensions) -> None:
        self._form = form
        self._database = database
        self._extensions = extensions
        self._shown = RecordSchema(form)
        self.schema = self._shown.table
        self._adoption = RecordAdoption(self._shown, database)
        self._added = AddedRecords(self.schema, self._adopt)
        is_shown = (record.c.collection == form.name) & IS_THERE[0] & IS_THERE[1]
        self.rows = SyncedRows(
            record, SavedRecord, record.c.id, self._shown.to_cells, where=is_shown
        )

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Take over the status; a deleted record is hidden until an operator restores it."""
        there = [one for one, cells in changed.items() if cells is not None]
        await self._bring_back(cycle, there)
        found = await self._find(list(changed))
        for one in found:
            cells = changed[str(one.record_id)]
            if cells is None:
                cycle.writes.append(records.change(one.row.id, {"deleted_at": cycle.now}))
            else:
                await self._apply(cycle, one, cells)
        known = {str(one.record_id) for one in found}
        await self._added.note(cycle, [one for one in there if one not in known])

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Delete here and there what people had deleted."""
        await self._added.look(cycle)
        name = self._form.name
        gone = await self._database.submit(
            Transaction(lambda c, _: record_sync.forgotten(c, name, most=MAX_BATCH_RECORDS))
        )
        if gone:
            await cycle.delete(self.schema, [one.record_id for one in gone])
            cycle.writes.append(record_sync.delete_forgotten([one.id for one in gone]))
            cycle.has_more |= len(gone) == MAX_BATCH_RECORDS

    async def _adopt(self, cycle: SyncCycle, record_id: str, cells: Cells) -> None:
        tells = await self._adoption.adopt(record_id, cells, cycle.now)
        for one in await self._find([record_id]):
            await self._apply(cycle, one, cells, tells=tells)
            cycle.applied_changes = True

    async def _find(self, record_ids: list[str]) -> list[SyncedRow[SavedRecord]]:
        synced: SyncTable[SavedRecord] = SyncTable.of(self)
        return await self._database.submit(
            Transaction(lambda c, _: synced.by_record(c, record_ids))
        )

    async def _apply(
        self, cycle: SyncCycle, one: SyncedRow[SavedRecord], cells: Cells, *, tells: bool = True
    ) -> None:
        """Take over what operators changed; a new status tells the person, if `tells`."""
        row, values = one.row, dict[str, Any]()
        status = str(cells["Status"] or NEW) if "Status" in cells else row.status or NEW
        is_new_status = status != (row.status or NEW)
        if is_new_status:
            values["status"] = status
        record_id, found = str(one.record_id), self._corrections(row, cells)
        before = None if is_new_status else row.problem
        problem = problem_after(cycle, record_id, before, found, cells)
        if problem != row.problem:
            values["problem"] = problem
        if found:
            at = cycle.changed_at(record_id)
            cycle.writes += correction_writes(row.user_key, key_of(row), found, at=at)
            answers = {**row.values, **found.values}
            values["fields"] = encoded(answers)
            if not self._form.sources.keys().isdisjoint(found.values):
                values["option_key"] = self._form.option_key(answers)
        if not values:
            return
        cycle.applied_changes = True
        cycle.writes.append(records.change(row.id, {**values, "changed_at": cycle.now}))
        await self._tell(cycle, row, values, found)
        if is_new_status and tells and status in self._form.on_status:
            lane = await self._lane(one.row.user_key)
            body = StatusJob(record=one.row.id, status=status)
            cycle.jobs.append(RECORD_STATUS.new(lane, body, key=_key(one.row, status, cycle.now)))

    async def _tell(
        self, cycle: SyncCycle, row: SavedRecord, values: Mapping[str, Any], found: Corrections
    ) -> None:
        """Let listeners hear of a change."""
        if not self._extensions.wants("record.changed"):
            return
        event = record_changed(
            await Users(self._database).get(row.user_key),
            row.collection,
            row.created_at,
            cycle.now,
            status=values.get("status", row.status),
            fields={**row.values, **found.values},
            changed=[*found.values, *(["status"] if "status" in values else [])],
        )
        heard = self._extensions.happened(event)
        cycle.jobs += heard.jobs
        cycle.writes += heard.writes

    def _corrections(self, row: SavedRecord, cells: Cells) -> Corrections:
        told = None if row.told is None else dict(json.loads(row.told))
        known = self._shown.answer_cells(row)
        shared = [one for one in self._shown.columns if one.schema.owner is Owner.BOTH]
        return read_corrections(shared, cells, told=told, known=known, is_later=lambda _: True)

    async def _bring_back(self, cycle: SyncCycle, record_ids: list[str]) -> None:
        """Show records again that an operator has restored from Airtable's trash."""
        name = self._form.name
        for record_id in await self._database.submit(
            Transaction(lambda c, _: record_sync.deleted(c, name, record_ids))
        ):
            cycle.writes.append(records.change(record_id, {"deleted_at": None}))
            cycle.applied_changes = True

    async def _lane(self, user_key: str) -> str:
        """Return the lane of the person's conversation, at the number that they wrote to."""
        [row] = await self._database.submit(
            Transaction(lambda c, _: contact_reader.by_keys(c, [user_key]))
        )
        return CONVERSATIONS.lane(row.phone_number_id, user_key)


def _key(row: SavedRecord, status: str, at: datetime) -> str:
    return f"record:{row.id}:{status}:{at.timestamp()}"
