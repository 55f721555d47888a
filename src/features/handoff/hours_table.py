"""The table Hours: when operators can be reached. It is small, so it is read whole."""

from loguru import logger

from features.handoff.hours import OpeningHours, WrongHours
from features.handoff.schema import HOURS
from services.operator_tables import Cells, Changed, OperatorTable, SyncCycle
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

#: Key under which the hours are stored.
STORED_AS = "hours"


class HoursTable(OperatorTable):
    """Copies the table; rows that cannot be read are left out, and logged."""

    schema = HOURS

    def __init__(self, database: GroupCommit) -> None:
        self._stored = KeyValueStore(database)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        rows = [record.cells for record in await cycle.read_all(HOURS)]
        await self._stored.put(STORED_AS, [dict(row) for row in rows if _is_readable(row)])


async def opening_hours(database: GroupCommit) -> OpeningHours:
    """Return the hours that operators set; always open without any."""
    rows = await KeyValueStore(database).get(STORED_AS)
    return OpeningHours.read(rows or [])


def _is_readable(row: Cells) -> bool:
    if not row.get("Day or date"):
        return False
    try:
        OpeningHours.read([row])
    except WrongHours as error:
        logger.warning("a row of Hours is left out: {}", error)
        return False
    return True
