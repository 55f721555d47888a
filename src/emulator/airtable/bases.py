"""Bases, what is changed in them, and by whom."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emulator.airtable.errors import invalid, no_such_model
from emulator.airtable.field_types import LINK_OPTIONS, NEEDED_OPTIONS, NOT_BY_API, SELECTS, TYPES
from emulator.airtable.links import add_inverse, mirrored
from emulator.airtable.tables import Field, Record, Table, new_id
from emulator.atomic_file import replace_privately


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody changed in one go."""

    #: "client" for a person in the grid, "publicApi" for a program
    source: str
    table_id: str
    #: "created", "changed" or "destroyed" records
    kind: str
    #: cells after the change, by record
    cells: Mapping[str, Mapping[str, Any]]
    at: str
    #: all cells of a changed record
    whole: Mapping[str, Any] = field(default_factory=dict)


class Bases:
    """All bases, kept in a file if there is one. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float], file: Path | None = None) -> None:
        self._clock = clock
        self._file = file
        self._tables: dict[str, list[Table]] = {}
        self._names: dict[str, str] = {}
        self._changed = False
        #: called with each change and its base
        self.listeners: list[Callable[[str, Change], None]] = []
        if file is not None and file.exists():
            self._load(json.loads(file.read_text("utf-8")))

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def add(self, base_id: str, name: str) -> None:
        """Unless there is one."""
        self._changed = self._changed or base_id not in self._tables
        self._tables.setdefault(base_id, [])
        self._names.setdefault(base_id, name)

    def name(self, base_id: str) -> str:
        return self._names[base_id]

    def tables(self, base_id: str) -> list[Table]:
        if base_id not in self._tables:
            raise no_such_model()
        return self._tables[base_id]

    def table(self, base_id: str, name_or_id: str) -> Table:
        for one in self.tables(base_id):
            if name_or_id in (one.id, one.name):
                return one
        raise no_such_model()

    def create_table(self, base_id: str, given: Mapping[str, Any]) -> Table:
        name, fields = given.get("name"), given.get("fields") or []
        if not name or not fields:
            raise invalid("INVALID_REQUEST_UNKNOWN", "name and fields are required")
        if name in [one.name for one in self.tables(base_id)]:
            raise invalid("DUPLICATE_TABLE_NAME", f'There is already a table "{name}"')
        table = Table(new_id("tbl"), str(name), [], description=str(given.get("description") or ""))
        for one in fields:
            self._add_field(base_id, table, one)
        self._tables[base_id].append(table)
        self._changed = True
        return table

    def create_field(self, base_id: str, table: Table, given: Mapping[str, Any]) -> Field:
        made = self._add_field(base_id, table, given)
        self._changed = True
        return made

    def describe(
        self, one: Table | Field, others: Iterable[Table | Field], given: Mapping[str, Any]
    ) -> None:
        """Give a table or a field another name or description; `others` may have the name."""
        name = given.get("name", one.name)
        if not name or name in [other.name for other in others if other is not one]:
            raise invalid("DUPLICATE_OR_EMPTY_FIELD_NAME", f'The name "{name}" cannot be given')
        one.name = str(name)
        one.description = str(given.get("description", one.description) or "")
        self._changed = True

    def create(self, base_id: str, table: Table, cells: Mapping[str, Any], source: str) -> Record:
        self._check_links(base_id, table, cells)
        now = self.now()
        made = Record(new_id("rec"), now, now, {k: v for k, v in cells.items() if v is not None})
        table.records[made.id] = made
        self._tell(base_id, Change(source, table.id, "created", {made.id: dict(made.cells)}, now))
        self._mirror(base_id, table, made, {}, source)
        return made

    def update(
        self, base_id: str, table: Table, record: Record, cells: Mapping[str, Any], source: str
    ) -> Record:
        """Set some cells; None empties one."""
        self._check_links(base_id, table, cells)
        changed = {k: v for k, v in cells.items() if record.cells.get(k) != v}
        if changed:
            before = dict(record.cells)
            record.changed_at = self.now()
            record.cells |= changed
            record.cells = {k: v for k, v in record.cells.items() if v is not None}
            now, whole = record.changed_at, dict(record.cells)
            told = Change(source, table.id, "changed", {record.id: changed}, now, whole)
            self._tell(base_id, told)
            self._mirror(base_id, table, record, before, source)
        return record

    def delete(self, base_id: str, table: Table, record: Record, source: str) -> None:
        del table.records[record.id]
        self._unlink(base_id, record.id)
        self._tell(base_id, Change(source, table.id, "destroyed", {record.id: {}}, self.now()))

    def note_change(self) -> None:
        """Have something written to the file that no listener is told."""
        self._changed = True

    def now(self) -> str:
        moment = datetime.fromtimestamp(self._clock(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def save(self) -> None:
        """Write everything to the file; a crash leaves the file of before."""
        if self._file is None or not self._changed:
            return
        self._changed = False
        kept = {
            base_id: {"name": self._names[base_id], "tables": [asdict(one) for one in tables]}
            for base_id, tables in self._tables.items()
        }
        replace_privately(self._file, json.dumps(kept).encode())

    def _load(self, kept: Mapping[str, Any]) -> None:
        for base_id, base in kept.items():
            # files of before have a list of tables, and bases without names
            tables = base["tables"] if isinstance(base, dict) else base
            self._names[base_id] = base["name"] if isinstance(base, dict) else base_id
            self._tables[base_id] = [
                Table(
                    one["id"],
                    one["name"],
                    [Field(**each) for each in one["fields"]],
                    {key: Record(**each) for key, each in one["records"].items()},
                    one.get("description", ""),
                )
                for one in tables
            ]

    def _add_field(self, base_id: str, table: Table, given: Mapping[str, Any]) -> Field:
        name, kind = given.get("name"), given.get("type")
        if not name or kind in NOT_BY_API or kind not in TYPES:
            raise invalid("UNSUPPORTED_FIELD_TYPE_FOR_CREATE", f"Creating {kind} is not supported")
        if name in [one.name for one in table.fields]:
            raise invalid("DUPLICATE_OR_EMPTY_FIELD_NAME", f'There is already a field "{name}"')
        options = dict(given.get("options") or {})
        if missing := [one for one in NEEDED_OPTIONS.get(str(kind), ()) if one not in options]:
            text = f"Invalid options for {table.name}.{name}: options.{missing[0]} is missing"
            raise invalid("INVALID_FIELD_TYPE_OPTIONS_FOR_CREATE", text)
        if kind in SELECTS:
            choices = options.get("choices") or []
            options["choices"] = [{"id": new_id("sel"), "name": one["name"]} for one in choices]
        about = str(given.get("description") or "")
        made = Field(new_id("fld"), str(name), str(kind), options, about)
        if kind == "multipleRecordLinks":
            linked = self.table(base_id, str(options["linkedTableId"]))
            made.options = {**LINK_OPTIONS, **options}
            if linked is not table:
                add_inverse(made, table, linked)
        table.fields.append(made)
        return made

    def _check_links(self, base_id: str, table: Table, cells: Mapping[str, Any]) -> None:
        for link in (one for one in table.links if cells.get(one.id)):
            linked = self.table(base_id, link.options["linkedTableId"])
            for one in cells[link.id]:
                if one not in linked.records:
                    raise invalid("ROW_DOES_NOT_EXIST", f"Record ID {one} does not exist")

    def _mirror(
        self, base_id: str, table: Table, record: Record, before: Mapping[str, Any], source: str
    ) -> None:
        """Show the links of a record from the other side as well."""
        for linked, other, field_id, links in mirrored(
            self._tables[base_id], table, record, before
        ):
            other.changed_at = self.now()
            other.cells.pop(field_id, None)
            other.cells |= {field_id: links} if links else {}
            cells = {other.id: {field_id: links or None}}
            whole = dict(other.cells)
            told = Change(source, linked.id, "changed", cells, other.changed_at, whole)
            self._tell(base_id, told)

    def _unlink(self, base_id: str, record_id: str) -> None:
        """A record that is gone is no longer linked to."""
        for table in self.tables(base_id):
            for link in table.links:
                for record in table.records.values():
                    left = [one for one in record.cells.get(link.id, ()) if one != record_id]
                    record.cells.pop(link.id, None)
                    if left:
                        record.cells[link.id] = left

    def _tell(self, base_id: str, change: Change) -> None:
        self._changed = True
        for listener in self.listeners:
            listener(base_id, change)
