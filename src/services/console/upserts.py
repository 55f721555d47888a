"""Writing and deleting many records when one of them may be bad, or gone."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from loguru import logger

from services.airtable import errors
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.console.plan import TablePlan
from services.console.turn import Turn

#: A record that was refused is tried again after so long.
AGAIN = timedelta(hours=1)

Row = TypeVar("Row")
Json = dict[str, Any]


async def upsert_each(
    airtable: AirtableService,
    turn: Turn,
    plan: TablePlan,
    rows: Sequence[Row],
    cells_of: Callable[[Row], Json],
) -> AsyncIterator[tuple[Row, str | errors.WrongValue]]:
    """Each row with the id of its record, or with why Airtable refuses it.

    Ten at a time; if those are refused, one by one, so that none takes its neighbours with it.
    """
    table, key = turn.ids.table(plan), turn.ids.of(plan, plan.key)
    for start in range(0, len(rows), MOST_WRITTEN):
        some = rows[start : start + MOST_WRITTEN]
        records = [turn.ids.by_id(plan, cells_of(row)) for row in some]
        turn.calls += 1
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
                async for result in upsert_each(airtable, turn, plan, [row], cells_of):
                    yield result
            continue
        for row, record in zip(some, taken, strict=True):
            yield row, str(record["id"])


async def delete_each(
    airtable: AirtableService, turn: Turn, plan: TablePlan, record_ids: Sequence[str]
) -> None:
    """One by one: of several at once, one that is gone already stops all."""
    for record_id in record_ids:
        turn.calls += 1
        with suppress(errors.NotFound):
            await airtable.delete(turn.ids.table(plan), [record_id])
