"""A table of rows about people, copied to Airtable once it has a record of the person."""

from collections.abc import Callable
from typing import Any, Generic

from features.airtable.base_schema import TableSchema
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables.sync_tracking import Row, SyncedRow, SyncTable
from features.airtable.upserts import AGAIN, delete_each, upsert_each
from services.airtable_service import MOST_WRITTEN, AirtableService
from storage.engine.group_commit import GroupCommit, Transaction


class MirroredTable(Generic[Row]):
    """Pushes rows to Airtable; `cells_of` returns the cells of a row by name."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        plan: TableSchema,
        sync_table: SyncTable[Row],
        cells_of: Callable[[SyncedRow[Row]], dict[str, Any]],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._plan = plan
        self._sync_table = sync_table
        self._cells_of = cells_of

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Upsert the rows that changed."""
        sync_table, now = self._sync_table, cycle.now
        rows = await self._database.submit(
            Transaction(lambda c, _: sync_table.pending(c, now, most=MOST_WRITTEN))
        )
        async for synced, result in upsert_each(
            self._airtable, cycle, self._plan, rows, self._cells_of
        ):
            if isinstance(result, str):
                cycle.writes.append(sync_table.mark_synced(synced, result))
            else:
                cycle.writes.append(sync_table.mark_rejected(synced, next_at=now + AGAIN))
        cycle.has_more |= len(rows) == MOST_WRITTEN

    async def erase(self, cycle: SyncCycle, user_key: str) -> None:
        """Delete the records of a person in Airtable."""
        sync_table = self._sync_table
        ids = await self._database.submit(
            Transaction(lambda c, _: sync_table.records_of(c, user_key))
        )
        await delete_each(self._airtable, cycle, self._plan, ids)
