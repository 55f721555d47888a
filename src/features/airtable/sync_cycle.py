"""One cycle of keeping Airtable and the bot in step."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from domain.json import JsonObject
from features.airtable.field_ids import FieldIds
from features.airtable.tables.sync_tracking import SyncedRow, SyncTable
from features.airtable.upserts import delete_each, update_each, upsert_each
from jobs.model import NewJob, UnreadableState
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.operator_tables import Cells, OperatorTable, Record, RecordRefused, TableSchema
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from utils.elapsed import has_passed

#: Most requests of one cycle, so that what was done is stored before long.
MAX_REQUESTS = 5
MONTH = timedelta(days=30)

Row = TypeVar("Row")
#: Changed records of one table by their id, with cells by the id of their field; None: deleted.
ChangedById = Mapping[str, Mapping[str, Any] | None]
#: The changed records of each table, by its id.
Changes = Mapping[str, ChangedById]


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """How the base is kept in step."""

    #: Address where Airtable reports changes; None: it is asked again and again.
    webhook_url: str | None = None
    #: Time between two questions to Airtable.
    poll: timedelta = timedelta(seconds=30)
    #: Calls that the plan of the workspace allows; None: no limit.
    calls_per_month: int | None = None
    #: Whether missing tables may be created.
    create_tables: bool = False
    #: How long messages are shown; None: not at all.
    messages: timedelta | None = None

    def pause(self, calls: int) -> timedelta:
        """Return the pause after a cycle of so many calls, so that the month's suffice."""
        if self.calls_per_month is None:
            return self.poll
        return max(self.poll, calls * MONTH / self.calls_per_month)


@dataclass(slots=True)
class SyncCycle:
    """What one cycle found and did; all of it is stored together.

    It is the `SyncCycle` that operator tables know, over Airtable.
    """

    now: datetime
    #: What the lane knows from cycle to cycle.
    state: JsonObject
    ids: FieldIds
    airtable: AirtableService
    database: GroupCommit
    calls: int = 0
    jobs: list[NewJob] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    #: There is more to do, as fast as the plan of the workspace allows.
    has_more: bool = False
    #: Operators changed something: what became of it is pushed at once.
    applied_changes: bool = False

    #: Ids of the records that operators added since the last cycle, or before the first one.
    added: set[str] = field(default_factory=set)
    #: When operators changed records, by the ids of the records.
    changes_at: dict[str, datetime] = field(default_factory=dict)
    #: Airtable's ids of the operators who changed them.
    changes_by: dict[str, str] = field(default_factory=dict)

    def changed_at(self, record_id: str) -> datetime:
        """Return when operators changed a record; now, if that is not known."""
        return self.changes_at.get(record_id, self.now)

    @property
    def calls_left(self) -> int:
        return max(MAX_REQUESTS - self.calls, 0)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Leave the cycle as it was if the block fails, so that the next one does it again."""
        state, jobs, writes = deepcopy(self.state), len(self.jobs), len(self.writes)
        try:
            yield
        except BaseException:
            self.state = state
            del self.jobs[jobs:], self.writes[writes:]
            raise

    def is_due(self, name: str, every: timedelta) -> bool:
        """Whether `every` has passed since `note(name)`."""
        since = self.state.get(name, 0)
        if not isinstance(since, int | float):
            raise UnreadableState([name])
        return has_passed(every.total_seconds(), since=since, now=self.now.timestamp())

    def note(self, name: str) -> None:
        """Remember that this moment is when `name` happened."""
        self.state[name] = self.now.timestamp()

    async def read_all(self, table: TableSchema, *, max_pages: int = 1) -> Sequence[Record]:
        """Return the records of a small table, a hundred to a page."""
        found: list[Record] = []
        offset: str | None = None
        for _ in range(max_pages):
            self.calls += 1
            page, offset = await self.airtable.page(self.ids.table(table), offset=offset)
            found += [Record(one["id"], self.ids.by_name(table, one["fields"])) for one in page]
            if offset is None:
                break
        return found

    async def read(self, table: TableSchema, record_id: str) -> Cells | None:
        """Return one record; None if it was deleted."""
        self.calls += 1
        try:
            cells = await self.airtable.record(self.ids.table(table), record_id)
        except errors.NotFound:
            return None
        return self.ids.by_name(table, cells)

    async def upsert(
        self,
        table: TableSchema,
        rows: Sequence[Row],
        to_cells: Callable[[Row], JsonObject],
        record_id_of: Callable[[Row], str | None] | None = None,
    ) -> AsyncIterator[tuple[Row, str | RecordRefused]]:
        """Write rows; yield each with the id of its record, or with why it is refused.

        A row whose record is known goes there, another one to the record with the same key.
        """
        async for row, result in upsert_each(self, table, rows, to_cells, record_id_of):
            yield row, result if isinstance(result, str) else RecordRefused(str(result))

    async def update(self, table: TableSchema, records: Mapping[str, JsonObject]) -> None:
        """Change cells of records, by their ids; those that are gone stop no other."""
        await update_each(self, table, records)

    async def delete(self, table: TableSchema, record_ids: Sequence[str]) -> None:
        """Delete records; those that are gone stop no other."""
        await delete_each(self, table, record_ids)

    async def rows(self, table: OperatorTable, record_ids: Sequence[str]) -> Sequence[Any]:
        """Return the rows that are shown as these records."""
        return [one.row for one in await self._synced(table, record_ids)]

    async def records_of(self, table: OperatorTable, record_ids: Sequence[str]) -> Collection[str]:
        """Return which of these records show rows of the table."""
        if table.rows is None:
            return ()
        return {str(one.record_id) for one in await self._synced(table, record_ids)}

    async def _synced(
        self, table: OperatorTable, record_ids: Sequence[str]
    ) -> Sequence[SyncedRow[Any]]:
        synced = SyncTable.of(table)
        return await self.database.submit(
            Transaction(lambda connection, _: synced.by_record(connection, record_ids))
        )
