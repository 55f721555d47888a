"""The table Hours: when operators can be reached. It is small, so it is read whole."""

from typing import Any

from loguru import logger

from features.airtable.base_schema import HOURS
from features.airtable.sync_cycle import SyncCycle
from features.handoff.hours import OpeningHours, WrongHours
from services.airtable_service import AirtableService
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

#: Under which name the hours are kept.
KEPT = "hours"


class HoursTable:
    """Copies the table; rows that say nothing are left out, and told in the log."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._kept = KeyValueStore(database)

    async def read(self, cycle: SyncCycle) -> None:
        cycle.calls += 1
        records, _ = await self._airtable.page(cycle.ids.table(HOURS))
        rows = [cycle.ids.by_name(HOURS, one["fields"]) for one in records]
        good = [row for row in rows if _is_good(row)]
        await self._kept.put(KEPT, good)


async def opening_hours(database: GroupCommit) -> OpeningHours:
    """As operators set them; always open without any."""
    rows = await KeyValueStore(database).get(KEPT)
    return OpeningHours.read(rows or [])


def _is_good(row: dict[str, Any]) -> bool:
    if not row.get("Day or date"):
        return False
    try:
        OpeningHours.read([row])
    except WrongHours as error:
        logger.warning("a row of Hours is left out: {}", error)
        return False
    return True
