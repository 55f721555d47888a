"""Writing, changing and deleting many records when one of them may be refused, or gone."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from loguru import logger

from domain.json import JsonObject
from features.airtable.field_ids import FieldIds
from services.airtable_service import MAX_BATCH_RECORDS, AirtableService
from services.clients.airtable import errors
from services.operator_tables import TableSchema

Row = TypeVar("Row")


class Caller(Protocol):
    """Whoever makes requests, and counts them."""

    ids: FieldIds
    airtable: AirtableService
    calls: int


async def upsert_each(
    caller: Caller,
    schema: TableSchema,
    rows: Sequence[Row],
    to_cells: Callable[[Row], JsonObject],
    record_id_of: Callable[[Row], str | None] | None = None,
) -> AsyncIterator[tuple[Row, str | errors.AirtableError]]:
    """Yield each row with the id of its record, or with why Airtable refuses it.

    Ten at a time; if those are refused, one by one, so that none takes its neighbours with it. A
    row whose record is gone gets a new one.
    """
    ids = record_id_of or _unknown
    table, key = caller.ids.table(schema), caller.ids.of(schema, schema.key)
    for batch in _batches(rows):
        records = [(ids(row), caller.ids.by_id(schema, to_cells(row))) for row in batch]
        caller.calls += 1
        try:
            taken = await caller.airtable.upsert(table, records, key_field=key)
        except (errors.WrongValue, errors.NotFound) as error:
            if isinstance(error, errors.WrongValue) and error.is_about_fields:
                raise  # of the base, not of a record
            again = record_id_of
            if len(batch) == 1:
                if not error.is_about_record or records[0][0] is None:
                    logger.error("Airtable refuses a record of {}: {}", schema.name, error.kind)
                    yield batch[0], error
                    continue
                again = None
            for row in batch:
                async for result in upsert_each(caller, schema, [row], to_cells, again):
                    yield result
            continue
        for row, record in zip(batch, taken, strict=True):
            yield row, str(record["id"])


def _unknown(_row: object) -> None:
    """No record is known."""


async def update_each(
    caller: Caller, schema: TableSchema, records: Mapping[str, JsonObject]
) -> None:
    """Change cells of records of operators, by their ids; those that are gone stop no other."""
    for batch in _batches(list(records)):
        changed = {one: caller.ids.by_id(schema, records[one]) for one in batch}
        caller.calls += 1
        try:
            await caller.airtable.update(caller.ids.table(schema), changed)
        except (errors.NotFound, errors.WrongValue) as error:
            if isinstance(error, errors.WrongValue) and error.is_about_fields:
                raise
            if len(batch) == 1:
                logger.info("a record of {} is not changed: {}", schema.name, error.kind)
                continue
            for one in batch:
                await update_each(caller, schema, {one: records[one]})


async def delete_each(caller: Caller, schema: TableSchema, record_ids: Sequence[str]) -> None:
    """Delete records; those that are gone already stop no other."""
    for batch in _batches(record_ids):
        caller.calls += 1
        try:
            await caller.airtable.delete(caller.ids.table(schema), batch)
        except (errors.NotFound, errors.WrongValue):
            if len(batch) > 1:
                for one in batch:
                    await delete_each(caller, schema, [one])


def _batches(things: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As many as go into one request."""
    for start in range(0, len(things), MAX_BATCH_RECORDS):
        yield things[start : start + MAX_BATCH_RECORDS]
