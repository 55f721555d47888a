"""The table Hours: when operators can be reached. It is small, so it is read whole."""

from features.handoff.hours import OpeningHours, WrongHours
from features.handoff.schema import HOURS
from services.operator_tables import Cells, Changed, OperatorTable, SyncCycle
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

#: Key under which the hours are stored.
STORED_AS = "hours"


class HoursTable(OperatorTable):
    """Copies the table; rows that cannot be read are left out, and *Problem* says why."""

    schema = HOURS

    def __init__(self, database: GroupCommit) -> None:
        self._stored = KeyValueStore(database)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        records = await cycle.read_all(HOURS)
        problems = {record.id: _problem(record.cells) for record in records}
        usable = [
            dict(one.cells)
            for one in records
            if one.cells.get("Day or date") and problems[one.id] is None
        ]
        await self._stored.put(STORED_AS, usable)
        news = {
            one.id: {"Problem": problems[one.id]}
            for one in records
            if one.cells.get("Problem") != problems[one.id]
        }
        await cycle.update(HOURS, news)


async def opening_hours(database: GroupCommit) -> OpeningHours:
    """Return the hours that operators set; always open without any."""
    rows = await KeyValueStore(database).get(STORED_AS)
    return OpeningHours.read(rows or [])


def _problem(row: Cells) -> str | None:
    """Return why a row is left out; None for a row that can be read, and for an empty one."""
    if not any(row.get(name) for name in ("Day or date", "Opens", "Closes")):
        return None
    try:
        OpeningHours.read([row])
    except WrongHours as error:
        return f"Left out: {error}."
    return None
