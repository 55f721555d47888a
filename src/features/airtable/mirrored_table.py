"""A table of rows about people, of which Airtable is told once it knows the person."""

from collections.abc import Callable
from typing import Any, Generic

from features.airtable.base_schema import TableSchema
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables.sync_tracking import Row, SyncTable
from features.airtable.upserts import AGAIN, delete_each, upsert_each
from services.airtable_service import MAX_BATCH_RECORDS, AirtableService
from storage.engine.group_commit import GroupCommit, Transaction


class MirroredTable(Generic[Row]):
    """`cells_of` makes cells by name of a row."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        plan: TableSchema,
        sync_table: SyncTable[Row],
        cells_of: Callable[[Row], dict[str, Any]],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._plan = plan
        self._mirror = sync_table
        self._cells_of = cells_of

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Upsert what changed."""
        sync_table, now = self._mirror, cycle.now
        rows = await self._database.submit(
            Transaction(lambda c, _: sync_table.pending(c, now, most=MAX_BATCH_RECORDS))
        )
        async for one, result in upsert_each(
            self._airtable, cycle, self._plan, rows, self._cells_of
        ):
            if isinstance(result, str):
                cycle.writes.append(sync_table.mark_synced(one, result))
            else:
                cycle.writes.append(sync_table.mark_rejected(one, next_at=now + AGAIN))
        cycle.has_more |= len(rows) == MAX_BATCH_RECORDS

    async def erase(self, cycle: SyncCycle, user_key: str) -> None:
        """Delete the records of a person, there."""
        sync_table = self._mirror
        ids = await self._database.submit(
            Transaction(lambda c, _: sync_table.records_of(c, user_key))
        )
        await delete_each(self._airtable, cycle, self._plan, ids)
