"""Writing, changing and deleting many records when one of them may be bad, or gone."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from loguru import logger

from domain.json import JsonObject
from features.airtable.base_schema import TableSchema
from features.airtable.sync_cycle import SyncCycle
from services.airtable_service import MAX_BATCH_RECORDS, AirtableService
from services.clients.airtable import errors

#: A record that was refused is tried again after so long.
AGAIN = timedelta(hours=1)

Row = TypeVar("Row")


async def upsert_each(
    airtable: AirtableService,
    cycle: SyncCycle,
    plan: TableSchema,
    rows: Sequence[Row],
    cells_of: Callable[[Row], JsonObject],
) -> AsyncIterator[tuple[Row, str | errors.WrongValue]]:
    """Each row with the id of its record, or with why Airtable refuses it.

    Ten at a time; if those are refused, one by one, so that none takes its neighbours with it.
    """
    table, key = cycle.ids.table(plan), cycle.ids.of(plan, plan.key)
    for some in _batches(rows):
        records = [cycle.ids.by_id(plan, cells_of(row)) for row in some]
        cycle.calls += 1
        try:
            taken = await airtable.upsert(table, records, key_field=key)
        except errors.WrongValue as error:
            if error.is_about_fields:  # of the base, not of a record
                raise
            if len(some) == 1:
                logger.error("Airtable refuses a record of {}: {}", plan.name, error.kind)
                yield some[0], error
                continue
            for row in some:
                async for result in upsert_each(airtable, cycle, plan, [row], cells_of):
                    yield result
            continue
        for row, record in zip(some, taken, strict=True):
            yield row, str(record["id"])


async def update_each(
    airtable: AirtableService,
    cycle: SyncCycle,
    plan: TableSchema,
    records: Mapping[str, JsonObject],
) -> None:
    """Change cells of records of operators, by their ids; those that are gone stop no other."""
    for some in _batches(list(records)):
        changed = {one: cycle.ids.by_id(plan, records[one]) for one in some}
        cycle.calls += 1
        try:
            await airtable.update(cycle.ids.table(plan), changed)
        except (errors.NotFound, errors.WrongValue) as error:
            if isinstance(error, errors.WrongValue) and error.is_about_fields:
                raise
            if len(some) == 1:
                logger.info("a record of {} is not changed: {}", plan.name, error.kind)
                continue
            for one in some:
                await update_each(airtable, cycle, plan, {one: records[one]})


async def delete_each(
    airtable: AirtableService, cycle: SyncCycle, plan: TableSchema, record_ids: Sequence[str]
) -> None:
    """Those that are gone already stop no other."""
    for some in _batches(record_ids):
        cycle.calls += 1
        try:
            await airtable.delete(cycle.ids.table(plan), some)
        except (errors.NotFound, errors.WrongValue):
            if len(some) > 1:
                for one in some:
                    await delete_each(airtable, cycle, plan, [one])


def _batches(things: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As many as go into one request."""
    for start in range(0, len(things), MAX_BATCH_RECORDS):
        yield things[start : start + MAX_BATCH_RECORDS]
