"""The tables of what flows save: one for each name that `SaveRecord` has."""

from dataclasses import dataclass, replace
from functools import cached_property

from domain.json import JsonObject
from features.airtable.columns import Column, cells_of, columns_of, title_of
from flow_engine import SavedForm
from services.operator_tables import (
    LINKED_TABLE,
    MOMENT,
    FieldSchema,
    Owner,
    TableSchema,
    bot_field,
    choices,
    operator_field,
)
from storage.tables.records import SavedRecord

#: Status of a record that no operator has changed, and the last ones that are offered.
NEW, DONE, CANCELLED = "New", "Done", "Cancelled"
CONTACT = "The person whose record it is."


@dataclass(frozen=True, eq=False)
class RecordSchema:
    """How a saved form is shown: columns of its own, between those that all records have."""

    form: SavedForm

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        taken = [field.name for field in (*self._before, *self._after)]
        return tuple(map(_correctable, columns_of(self.form.fields, taken)))

    def answer_cells(self, row: SavedRecord) -> JsonObject:
        """Return the cells of the answers."""
        return cells_of(self.columns, row.values)

    @cached_property
    def table(self) -> TableSchema:
        fields = (*self._before, *(column.schema for column in self.columns), *self._after)
        return TableSchema(title_of(self.form.name), fields)

    def to_cells(self, row: SavedRecord, contact_record: str) -> JsonObject:
        """Return the cells of a record."""
        return {
            **self.answer_cells(row),
            "Record": key_of(row),
            "Contact": [contact_record],
            "Status": row.status or NEW,
            "Notice": row.notice,
            "Problem": row.problem,
            "Created at": row.created_at.isoformat(),
            "Changed at": row.changed_at.isoformat() if row.changed_at else None,
        }

    @property
    def _before(self) -> tuple[FieldSchema, ...]:
        names = dict.fromkeys((NEW, *self.form.on_status, DONE, CANCELLED))
        linked = {LINKED_TABLE: "Contacts"}
        return (
            bot_field("Record"),
            FieldSchema("Contact", "multipleRecordLinks", Owner.ADDER, linked, about=CONTACT),
            operator_field("Status", "singleSelect", choices(*names)),
            bot_field("Problem", "multilineText"),
        )

    @property
    def _after(self) -> tuple[FieldSchema, ...]:
        return (
            bot_field("Notice", "multilineText"),
            bot_field("Created at", "dateTime", MOMENT),
            bot_field("Changed at", "dateTime", MOMENT),
        )


def _correctable(column: Column) -> Column:
    """Have operators correct a column; what is sent and not typed is the person's."""
    if column.is_received or column.schema.type == "multipleAttachments":
        return column
    return replace(column, schema=replace(column.schema, owner=Owner.BOTH))


def key_of(row: SavedRecord) -> str:
    """Return by what operators call a record: "bookings 12"."""
    return f"{row.collection} {row.id}"
