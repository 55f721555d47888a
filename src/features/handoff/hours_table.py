"""The table Hours: when operators can be reached. It is small, so it is read whole."""

from typing import Any

from loguru import logger

from features.airtable.base_schema import HOURS
from features.airtable.sync_cycle import Turn
from features.handoff.hours import OpeningHours, WrongHours
from services.airtable_service import AirtableService
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import Kept

#: Under which name the hours are kept.
KEPT = "hours"


class HoursTable:
    """Copies the table; rows that say nothing are left out, and told in the log."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._kept = Kept(database)

    async def read(self, turn: Turn) -> None:
        turn.calls += 1
        records, _ = await self._airtable.page(turn.ids.table(HOURS))
        rows = [turn.ids.by_name(HOURS, one["fields"]) for one in records]
        good = [row for row in rows if _is_good(row)]
        await self._kept.keep(KEPT, good)


async def opening_hours(database: GroupCommit) -> OpeningHours:
    """As operators set them; always open without any."""
    rows = await Kept(database).recall(KEPT)
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
