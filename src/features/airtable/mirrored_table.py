"""Rows about people as records: pushed once Airtable knows the person, and erased with them."""

from datetime import timedelta
from operator import attrgetter
from typing import Any

from domain.json import JsonObject
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables.sync_tracking import SyncedRow, SyncTable
from services.airtable_service import MAX_BATCH_RECORDS
from services.operator_tables import OperatorTable, Owner
from storage.engine.group_commit import Transaction

#: Time until a record that was refused is tried again.
RETRY_AFTER = timedelta(hours=1)


async def push_rows(cycle: SyncCycle, table: OperatorTable) -> None:
    """Upsert the rows of a table that changed."""
    rows = table.rows
    if rows is None:
        return
    synced, now = SyncTable.of(table), cycle.now
    pending = await cycle.database.submit(
        Transaction(lambda c, _: synced.pending(c, now, most=MAX_BATCH_RECORDS))
    )

    def to_cells(one: SyncedRow[Any]) -> JsonObject:
        return rows.to_cells(one.row, one.contact_record)

    shared = table.schema.owned_by(Owner.BOTH)
    async for one, result in cycle.upsert(table.schema, pending, to_cells, attrgetter("record_id")):
        if isinstance(result, str):
            cells = to_cells(one) if shared else {}
            told = {name: cells[name] for name in shared}
            cycle.writes.append(synced.mark_synced(one, result, told))
        else:
            cycle.writes.append(synced.mark_rejected(one, next_at=now + RETRY_AFTER))
    cycle.has_more |= len(pending) == MAX_BATCH_RECORDS


async def erase_rows(cycle: SyncCycle, table: OperatorTable, user_key: str) -> None:
    """Delete the records about a person."""
    if table.rows is None:
        return
    synced = SyncTable.of(table)
    ids = await cycle.database.submit(Transaction(lambda c, _: synced.records_of(c, user_key)))
    await cycle.delete(table.schema, ids)
