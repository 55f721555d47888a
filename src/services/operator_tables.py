"""Tables that operators see and edit, wherever they work: in Airtable, say.

A feature declares its tables here (`Feature.operator_tables`); what synchronizes them is a feature
of its own, which the tables know only as a `SyncCycle`.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Table

from domain.json import JsonObject
from jobs.model import NewJob
from storage.engine.write import Write

Row = TypeVar("Row")

MOMENT: JsonObject = {
    "dateFormat": {"name": "iso"},
    "timeFormat": {"name": "24hour"},
    "timeZone": "utc",
}
DAY: JsonObject = {"dateFormat": {"name": "iso"}}
TICK: JsonObject = {"icon": "check", "color": "greenBright"}
WHOLE: JsonObject = {"precision": 0}
#: In the options of a link: the name of the table it leads to.
LINKED_TABLE = "linkedTable"
#: Name of the field with the files that a person sends outside of forms.
FILES = "Files"


class Owner(Enum):
    """Who writes a field.

    The bot never reads back what it owns, and obeys what operators own. A field of both shows what
    the bot knows; what operators write there is a correction, and the later change wins.
    """

    BOT = "bot"
    OPERATORS = "operators"
    BOTH = "both"
    ADDER = "adder"  # read once, in a record that operators add; the bot's from then on


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A field, as Airtable makes it."""

    name: str
    type: str
    owner: Owner
    options: JsonObject = field(default_factory=dict)
    about: str = ""

    @property
    def is_link(self) -> bool:
        return LINKED_TABLE in self.options


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table; without a `key_field`, its first field is the key of its records."""

    name: str
    fields: tuple[FieldSchema, ...]
    key_field: str | None = None

    @property
    def key(self) -> str:
        return self.key_field or self.fields[0].name

    def owned_by(self, owner: Owner) -> tuple[str, ...]:
        """Return the names of the fields that have this owner."""
        return tuple(field.name for field in self.fields if field.owner is owner)


def choices(*names: str) -> JsonObject:
    """Return the options of a field that offers these."""
    return {"choices": [{"name": name} for name in names]}


def bot_field(
    name: str, type_: str = "singleLineText", options: JsonObject | None = None
) -> FieldSchema:
    """Return a field that the bot writes and never reads back."""
    return FieldSchema(name, type_, Owner.BOT, options or {})


def operator_field(name: str, type_: str, options: JsonObject | None = None) -> FieldSchema:
    """Return a field that operators write."""
    return FieldSchema(name, type_, Owner.OPERATORS, options or {})


def shared_field(
    name: str, type_: str = "singleLineText", options: JsonObject | None = None
) -> FieldSchema:
    """Return a field that the bot writes and operators correct."""
    return FieldSchema(name, type_, Owner.BOTH, options or {})


#: Cells by the names of the schema.
Cells = Mapping[str, Any]
#: Changed records by their id; None is one that was deleted.
Changed = Mapping[str, Cells | None]


@dataclass(frozen=True, slots=True)
class Record:
    """A record as operators see it."""

    id: str
    cells: Cells


class RecordRefused(Exception):
    """The other side does not take a record."""


class SyncCycle(Protocol):
    """One cycle of keeping both sides in step. All that it decides is committed together."""

    now: datetime
    #: What is known from cycle to cycle; a table uses keys of its own.
    state: JsonObject
    jobs: list[NewJob]
    writes: list[Write]
    #: Ids of the records that operators added since the last cycle, or before the first one.
    added: set[str]
    #: When operators changed records, by the ids of the records; others are only read again.
    changes_at: dict[str, datetime]
    #: Set by a table that applied a change: what became of it is pushed at once.
    applied_changes: bool
    #: Set by a table that has more to push.
    has_more: bool

    @property
    def calls_left(self) -> int:
        """Number of requests that this cycle still may make."""
        ...

    def is_due(self, name: str, every: timedelta) -> bool:
        """Whether `every` has passed since `note(name)`."""
        ...

    def note(self, name: str) -> None:
        """Remember that this moment is when `name` happened."""
        ...

    def changed_at(self, record_id: str) -> datetime:
        """Return when operators changed a record; now, if that is not known."""
        ...

    async def read_all(self, table: TableSchema, *, max_pages: int = 1) -> Sequence[Record]:
        """Return the records of a small table, a hundred to a page."""
        ...

    async def read(self, table: TableSchema, record_id: str) -> Cells | None:
        """Return one record; None if it was deleted."""
        ...

    def upsert(
        self,
        table: TableSchema,
        rows: Sequence[Row],
        to_cells: Callable[[Row], JsonObject],
        record_id_of: Callable[[Row], str | None] | None = None,
    ) -> AsyncIterator[tuple[Row, str | RecordRefused]]:
        """Write rows; yield each with the id of its record, or with why it is refused.

        A row whose record is known goes there, another one to the record with the same key.
        """
        ...

    async def update(self, table: TableSchema, records: Mapping[str, JsonObject]) -> None:
        """Change cells of records, by their ids; those that are gone stop no other."""
        ...

    async def rows(self, table: "OperatorTable", record_ids: Sequence[str]) -> Sequence[Any]:
        """Return the rows (`SyncedRows.make`) that are shown as these records."""
        ...

    async def records_of(
        self, table: "OperatorTable", record_ids: Sequence[str]
    ) -> Collection[str]:
        """Return which of these records show rows of the table."""
        ...

    async def delete(self, table: TableSchema, record_ids: Sequence[str]) -> None:
        """Delete records; those that are gone stop no other."""
        ...


@dataclass(frozen=True, slots=True)
class SyncedRows:
    """Rows about people that operators see as records, linked to their contact.

    The table has `sync_columns()` and a `user_key`; `make` is a dataclass of some of its columns.
    """

    table: Table
    make: type[Any]
    order: ColumnElement[Any]
    #: (row, id of the person's record in Contacts) -> cells by name; None empties one.
    to_cells: Callable[[Any, str], JsonObject]
    #: Which rows of the table are shown; None: all. Each operator table shows rows of its own.
    where: ColumnElement[bool] | None = None


class OpenedRecord(NamedTuple):
    """A record that was opened for a person."""

    id: str
    user_key: str
    opened_at: datetime


class OperatorTable:
    """A table of one feature. Subclasses override what they do."""

    schema: TableSchema
    #: Rows that are pushed and erased without further code; None: the table does it all itself.
    rows: SyncedRows | None = None
    #: Whether only the bot adds records: *Problem* of one that operators add says so.
    is_filled_by_bot: ClassVar[bool] = False

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Do what operators changed: called with the cells that they changed, by name."""

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Show operators what they do not know yet."""

    def file_records(
        self, connection: Connection, user_key: str, *, is_new: bool
    ) -> Sequence[str | None]:
        """Return the records whose field FILES has files of a person; None: not there yet.

        `is_new`: only those that a file belongs in which the person sends now.
        """
        return ()

    def opened_records(self, connection: Connection, since: datetime) -> Sequence[OpenedRecord]:
        """Return the records opened since then whose FILES has what the person sent before, too."""
        return ()

    def known_records(self, cycle: SyncCycle) -> Collection[str]:
        """Return the ids of records that the bot made, besides those of `rows`."""
        return ()
