"""A table of rows about people, of which Airtable is told once it knows the person."""

from collections.abc import Callable
from typing import Any, Generic

from features.airtable.base_schema import TablePlan
from features.airtable.sync_cycle import Turn
from features.airtable.tables.sync_tracking import Mirror, Row
from features.airtable.upserts import AGAIN, delete_each, upsert_each
from services.airtable_service import MOST_WRITTEN, AirtableService
from storage.engine.group_commit import GroupCommit, Work


class MirroredTable(Generic[Row]):
    """`cells_of` makes cells by name of a row."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        plan: TablePlan,
        mirror: Mirror[Row],
        cells_of: Callable[[Row], dict[str, Any]],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._plan = plan
        self._mirror = mirror
        self._cells_of = cells_of

    async def tell(self, turn: Turn) -> None:
        """Upsert what changed."""
        mirror, now = self._mirror, turn.now
        rows = await self._database.submit(
            Work(lambda c, _: mirror.dirty(c, now, most=MOST_WRITTEN))
        )
        async for one, result in upsert_each(
            self._airtable, turn, self._plan, rows, self._cells_of
        ):
            if isinstance(result, str):
                turn.writes.append(mirror.synced(one, result))
            else:
                turn.writes.append(mirror.refused(one, next_at=now + AGAIN))
        turn.hurries |= len(rows) == MOST_WRITTEN

    async def erase(self, turn: Turn, user_key: str) -> None:
        """Delete the records of a person, there."""
        mirror = self._mirror
        ids = await self._database.submit(Work(lambda c, _: mirror.records_of(c, user_key)))
        await delete_each(self._airtable, turn, self._plan, ids)
