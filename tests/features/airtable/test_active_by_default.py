"""*Active* is ticked for what operators add, whichever way the bot hears of it first."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.operator_tables import SyncCycle, TableSchema, operator_field
from services.operator_tables_active import FIELD, ActiveByDefault

TABLE = TableSchema("FAQ", (operator_field("Question", "singleLineText"),))


class Cycle:
    """A cycle that remembers what it changed."""

    now = datetime(2026, 11, 21, tzinfo=UTC)

    def __init__(self, *added: str) -> None:
        self.state: dict[str, Any] = {}
        self.added = set(added)
        self.changed: dict[str, Any] = {}

    async def update(self, table: TableSchema, records: dict[str, Any]) -> None:
        self.changed |= records


@pytest.mark.parametrize(
    ("added", "cells", "is_ticked"),
    [
        ((), {"Question": "Parking?", FIELD: None}, False),  # a full reading: unticked by somebody
        (("rec1",), {}, True),
        (("rec1",), {"Question": "Parking?"}, True),
        (("rec1",), {FIELD: False}, False),
        ((), {"Question": "Parking?"}, False),  # a change of an old record
        (("rec1",), None, False),  # added and deleted
    ],
)
async def test_only_what_was_added_just_now_is_ticked(
    added: tuple[str, ...], cells: dict[str, Any] | None, is_ticked: bool
) -> None:
    cycle = Cycle(*added)
    await ActiveByDefault(TABLE).tick_new(cast("SyncCycle", cycle), {"rec1": cells})
    assert cycle.changed == ({"rec1": {FIELD: True}} if is_ticked else {})
