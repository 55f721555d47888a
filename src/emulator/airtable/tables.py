"""Tables, their fields, and the records in them."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.airtable.errors import AirtableRefusal, invalid
from emulator.airtable.field_types import read_value

LETTERS = string.ascii_letters + string.digits
#: Name of the view that each new table has.
FIRST_VIEW = "Grid view"


def new_id(prefix: str) -> str:
    """Such as "rec" and fourteen letters."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(14))


@dataclass(slots=True)
class Field:
    """A column."""

    id: str
    name: str
    type: str
    options: dict[str, Any] = field(default_factory=dict)
    description: str = ""
    #: Whether a link of another table made it, to show the same links from the other side.
    is_inverse: bool = False

    def shown(self) -> dict[str, Any]:
        made: dict[str, Any] = {"id": self.id, "name": self.name, "type": self.type}
        made |= {"description": self.description} if self.description else {}
        return made | ({"options": self.options} if self.options else {})


@dataclass(slots=True)
class Record:
    """A row. Cells by the id of their field; empty ones are absent."""

    id: str
    created_at: str
    changed_at: str
    cells: dict[str, Any] = field(default_factory=dict)
    #: Comments, as a program reads them, the oldest first.
    comments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A table of a base."""

    id: str
    name: str
    fields: list[Field]
    records: dict[str, Record] = field(default_factory=dict)
    description: str = ""

    @property
    def links(self) -> list[Field]:
        """Fields that name records of another table."""
        return [one for one in self.fields if one.type == "multipleRecordLinks"]

    def field(self, name_or_id: str) -> Field:
        for one in self.fields:
            if name_or_id in (one.id, one.name):
                return one
        raise invalid("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name_or_id}"')

    def remove_field(self, name: str) -> None:
        """As an operator may do."""
        gone = self.field(name)
        self.fields.remove(gone)
        for one in self.records.values():
            one.cells.pop(gone.id, None)

    def record(self, record_id: str) -> Record:
        found = self.records.get(record_id)
        if found is None:
            raise AirtableRefusal(404, "NOT_FOUND")
        return found

    def read(self, given: Mapping[str, Any], *, typecast: bool) -> dict[str, Any]:
        """The cells of what a program wrote, by name or id of their fields."""
        cells = {}
        for name, value in given.items():
            column = self.field(name)
            cells[column.id] = read_value(
                column.name, column.type, column.options, value, typecast=typecast
            )
        return cells

    @property
    def view_id(self) -> str:
        """Id of the first view, which shows all records."""
        return f"viw{self.id[3:]}"

    def row(self, record: Record) -> dict[str, Any]:
        """What formulas see of a record."""
        cells = {
            name: record.cells.get(one.id) for one in self.fields for name in (one.id, one.name)
        }
        times = {"CREATED_TIME": record.created_at, "LAST_MODIFIED_TIME": record.changed_at}
        return {**cells, **times, "RECORD_ID": record.id}

    def shown(self) -> dict[str, Any]:
        fields = [one.shown() for one in self.fields]
        made: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "primaryFieldId": self.fields[0].id,
        }
        made |= {"description": self.description} if self.description else {}
        view = {"id": self.view_id, "name": FIRST_VIEW, "type": "grid"}
        return {**made, "fields": fields, "views": [view]}
