"""*Active* is ticked for records that operators add: Airtable has no such default by its API."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.operator_tables import Changed, Record, SyncCycle, TableSchema

FIELD = "Active"


@dataclass(frozen=True, slots=True)
class ActiveByDefault:
    """Ticks *Active* once in each new record; operators may untick it at any time."""

    table: TableSchema

    async def tick_new(self, cycle: SyncCycle, changed: Changed) -> None:
        """Tick the field in records that operators added just now, and that do not say otherwise.

        What a later full reading finds may have been unticked by an operator: it stays as it is.
        """
        there = [one for one, cells in changed.items() if cells is not None and one in cycle.added]
        new = [one for one in there if FIELD not in (changed[one] or {})]
        cycle.state[self._ticked] = new
        await cycle.update(self.table, {one: {FIELD: True} for one in new})

    def with_ticks(self, cycle: SyncCycle, records: Sequence[Record]) -> list[Record]:
        """Return records as they are with the ticks of `tick_new`."""
        ticked = cycle.state.get(self._ticked, ())
        return [
            replace(one, cells={**one.cells, FIELD: True}) if one.id in ticked else one
            for one in records
        ]

    @property
    def _ticked(self) -> str:
        return f"ticked:{self.table.name}"
