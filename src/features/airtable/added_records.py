"""Records that operators add by hand: looked at one by one, as many as a cycle's requests allow."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.json import JsonObject
from services.operator_tables import Cells, Changed, OperatorTable, SyncCycle, TableSchema

Cycle = TypeVar("Cycle", bound=SyncCycle)

NOT_READ = "The bot does not use this record: it fills in this table by itself. You may delete it."


class NotAdopted(ValueError):
    """The bot does not take over a record; the words are for operators, in *Problem*."""


@dataclass(frozen=True, slots=True)
class AddedRecords(Generic[Cycle]):
    """The records of one table that operators added, and that nobody has looked at yet."""

    table: TableSchema
    #: Takes a record over; raises NotAdopted with what is to be done about it.
    adopt: Callable[[Cycle, str, Cells], Awaitable[None]]

    async def note(self, cycle: Cycle, record_ids: Iterable[str]) -> None:
        """Remember records, and look at as many as possible now."""
        waiting = self._waiting(cycle)
        waiting += [one for one in record_ids if one not in waiting]
        await self.look(cycle)

    async def look(self, cycle: Cycle) -> None:
        """Look at records that wait. One that cannot be read now waits on."""
        waiting = self._waiting(cycle)
        problems: dict[str, JsonObject] = {}
        while waiting and cycle.calls_left > 1:
            cells = await cycle.read(self.table, waiting[0])
            try:
                if cells is not None:
                    await self.adopt(cycle, waiting[0], cells)
                if (cells or {}).get("Problem"):  # of an earlier attempt
                    problems[waiting[0]] = {"Problem": None}
            except NotAdopted as error:
                if (cells or {}).get("Problem") != str(error):
                    problems[waiting[0]] = {"Problem": str(error)}
            del waiting[0]
        if problems:
            await cycle.update(self.table, problems)
        cycle.has_more |= bool(waiting)

    def _waiting(self, cycle: Cycle) -> list[str]:
        found: list[str] = cycle.state.setdefault(f"added:{self.table.name}", [])
        return found


async def refuse_added(cycle: SyncCycle, table: OperatorTable, changed: Changed) -> None:
    """Say once in *Problem* of records that operators added that only the bot adds any."""
    name = f"refused:{table.schema.name}"
    told = [one for one in cycle.state.get(name, ()) if changed.get(one, ...) is not None]
    cycle.state[name] = told
    new = [one for one, cells in changed.items() if cells is not None and one not in told]
    known = {*table.known_records(cycle), *(await cycle.records_of(table, new) if new else ())}
    if new := [one for one in new if one not in known]:
        await cycle.update(table.schema, {one: {"Problem": NOT_READ} for one in new})
        told += new
