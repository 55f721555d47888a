"""Options that operators keep in a table, with the places that are left of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loguru import logger

from domain.json import JsonObject
from features.airtable.option_schema import option_key, options_schema
from features.airtable.tables import option_places
from flow_engine import Option
from flow_engine.options import MAX_OPTION_ID_CHARS
from services.conversations.decisions import NOTHING, Decisions, writing
from services.operator_tables import Cells, Changed, OperatorTable, Record, SyncCycle
from services.operator_tables_active import ActiveByDefault
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore

MAX_PAGES = 5
#: Time between two updates of how many places are taken.
TAKEN_INTERVAL = timedelta(seconds=5)
OVERBOOKED = (
    "Overbooked: {count} records take it, and Capacity is {capacity}. All of them stay, and nobody "
    "else can choose it. Raise Capacity, or set the Status of a record to Cancelled."
)


@dataclass(frozen=True, slots=True)
class OptionReader:
    """Reads what operators offer in one table, as it was synced last."""

    database: GroupCommit
    name: str

    @property
    def stored_as(self) -> str:
        return f"options:{self.name}"

    async def rows(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the usable rows; None before the table was read."""
        found = await KeyValueStore(self.database).get(self.stored_as)
        return None if found is None else list(found)

    async def free(self) -> Sequence[Option]:
        """Return the options that have a place left."""
        rows = await self.rows()
        if rows is None:
            logger.warning("no options: the table {} of Airtable was never read", self.name)
        taken = await self.taken()
        return [
            Option(row["id"], row["title"], row["description"])
            for row in rows or ()
            if row["capacity"] is None or taken.get(row["id"], 0) < row["capacity"]
        ]

    async def taken(self) -> Mapping[str, int]:
        """Return how many records take each option."""
        start = option_key(self.name, "")
        counts = await self.database.submit(Transaction(lambda c, _: option_places.count(c, start)))
        return {key.removeprefix(start): count for key, count in counts.items()}

    async def reserve(self, option: str) -> Decisions | None:
        """Decide to take a place, in the commit of the record; None if none is left."""
        row = next((one for one in await self.rows() or () if one["id"] == option), None)
        if row is None:
            return None
        if row["capacity"] is None:
            return NOTHING
        if (await self.taken()).get(option, 0) >= row["capacity"]:
            return None
        key = option_key(self.name, option)
        return writing(*option_places.guard(key, capacity=row["capacity"]))


class OptionTable(OperatorTable):
    """Copies the rows that are active, and says in *Problem* what is wrong with the others."""

    def __init__(self, name: str, database: GroupCommit) -> None:
        self.schema = options_schema(name)
        self._reader = OptionReader(database, name)
        self._stored = KeyValueStore(database)
        self._active = ActiveByDefault(self.schema)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Read the table anew: it is small."""
        await self._active.tick_new(cycle, changed)
        records = await cycle.read_all(self.schema, max_pages=MAX_PAGES)
        usable, problems = _sorted(self._active.with_ticks(cycle, records))
        await self._stored.put(self._reader.stored_as, usable)
        overbooked = _overbooked(usable, await self._reader.taken())
        cycle.state[self._overbooked] = overbooked
        problems |= overbooked
        told = {one.id: one.cells.get("Problem") for one in records}
        news = {key: {"Problem": text} for key, text in problems.items() if told.get(key) != text}
        await cycle.update(self.schema, news)

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Show how many places of each option are taken."""
        name = f"taken_at:{self.schema.name}"
        if not cycle.is_due(name, TAKEN_INTERVAL):
            return
        cycle.note(name)
        shown: dict[str, int] = cycle.state.setdefault(f"taken:{self.schema.name}", {})
        told: dict[str, str] = cycle.state.setdefault(self._overbooked, {})
        rows, taken = await self._reader.rows() or (), await self._reader.taken()
        overbooked = _overbooked(rows, taken)
        news: dict[str, JsonObject] = {}
        for row in rows:
            record, count = row["record"], taken.get(row["id"], 0)
            if shown.get(record, 0) != count or told.get(record) != overbooked.get(record):
                news[record] = {"Taken": count, "Problem": overbooked.get(record)}
                shown[record] = count
        cycle.state[self._overbooked] = overbooked
        await cycle.update(self.schema, news)

    @property
    def _overbooked(self) -> str:
        """Return under which name the lane knows what it told of overbooked options."""
        return f"overbooked:{self.schema.name}"


def _overbooked(rows: Sequence[Mapping[str, Any]], taken: Mapping[str, int]) -> dict[str, str]:
    """Return what operators read of options that they gave to more people than have a place."""
    found: dict[str, str] = {}
    for row in rows:
        count, capacity = taken.get(row["id"], 0), row["capacity"]
        if capacity is not None and count > capacity:
            found[row["record"]] = OVERBOOKED.format(count=count, capacity=int(capacity))
    return found


def _sorted(records: Sequence[Record]) -> tuple[list[JsonObject], dict[str, str | None]]:
    """Return the usable rows, and the problem of each record (None: there is none)."""
    usable: dict[str, JsonObject] = {}
    problems: dict[str, str | None] = {}
    for record in records:
        if not record.cells.get("Active"):
            problems[record.id] = None
            continue
        row = _row(record)
        faults = list(_faults(record.cells, row, usable))
        problems[record.id] = "\n".join(faults) or None
        if not faults:
            usable[row["id"]] = row
    return list(usable.values()), problems


def _row(record: Record) -> JsonObject:
    cells = record.cells
    title = str(cells.get("Title") or "").strip()
    return {
        "id": str(cells.get("Id") or "").strip() or title,
        "title": title,
        "description": str(cells.get("Description") or "").strip() or None,
        "capacity": cells.get("Capacity"),
        "record": record.id,
    }


def _faults(cells: Cells, row: JsonObject, others: Mapping[str, Any]) -> Iterator[str]:
    if not row["title"]:
        yield "Not offered: it has no Title."
    elif len(row["id"]) > MAX_OPTION_ID_CHARS:
        yield f"Not offered: write an Id of at most {MAX_OPTION_ID_CHARS} characters."
    elif row["id"] in others:
        yield "Not offered: another row has the same Id (or the same Title, without an Id)."
    capacity = row["capacity"]
    if capacity is not None and (not isinstance(capacity, int | float) or capacity < 0):
        yield "Not offered: Capacity is a number of places, 0 or more."
