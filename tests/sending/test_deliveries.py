"""What becomes of a message is told right, in whatever order Meta tells it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from tests.fakes.clock import ManualClock

from app.runtime import retention
from domain.delivery import DeliveryStatus, StatusReport
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.person_rows import PURGE_BATCH, older_than
from storage.tables import deliveries
from storage.tables.deliveries import KEEP_DELIVERIES, Deliveries, delivery

AT = datetime(2026, 11, 21, tzinfo=UTC)


async def store(database: GroupCommit, *writes: Write) -> None:
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, writes)))


async def row(database: GroupCommit, delivery_id: str = "1.0") -> Any:
    query = select(delivery).where(delivery.c.id == delivery_id)
    return await database.submit(Transaction(lambda connection, _: connection.execute(query).one()))


def report(status: str, second: int = 0, **more: Any) -> StatusReport:
    at = AT + timedelta(seconds=second)
    return StatusReport("wamid.A", DeliveryStatus(status), at, callback_data="1.0", **more)


def new() -> Write:
    return deliveries.add("1.0", user_key="CO.1", kind="text", at=AT)


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
async def test_statuses_in_any_order_end_the_same(
    database: GroupCommit, order: Sequence[str]
) -> None:
    await store(database, new(), deliveries.accept("1.0", "wamid.A", at=AT))
    seconds = {"sent": 1, "delivered": 2, "read": 3}
    for status in [*order, *order]:
        await store(database, *deliveries.report([report(status, seconds[status])]))
    stored = await row(database)
    assert stored.status == "read"
    assert [stored.sent_at, stored.delivered_at, stored.read_at] == [
        AT + timedelta(seconds=second) for second in (1, 2, 3)
    ]


async def test_a_status_may_come_before_the_answer_to_the_send(database: GroupCommit) -> None:
    await store(database, new())
    await store(database, *deliveries.report([report("delivered")]))
    await store(database, deliveries.accept("1.0", "wamid.A", at=AT))
    stored = await row(database)
    assert (stored.status, stored.wamid) == ("delivered", "wamid.A")


async def test_failure_is_final_and_keeps_its_reason(database: GroupCommit) -> None:
    await store(database, new())
    failed = report("failed", error_code=131047, error_text="Re-engagement message")
    await store(database, *deliveries.report([failed]))
    await store(database, *deliveries.report([report("delivered")]))
    stored = await row(database)
    assert (stored.status, stored.error_code) == ("failed", 131047)


async def test_a_status_without_our_id_is_matched_by_metas(database: GroupCommit) -> None:
    await store(database, new(), deliveries.accept("1.0", "wamid.A", at=AT))
    foreign = StatusReport("wamid.A", DeliveryStatus.READ, AT)
    unknown = StatusReport("wamid.ELSEWHERE", DeliveryStatus.READ, AT)
    await store(database, *deliveries.report([foreign, unknown]))
    assert (await row(database)).status == "read"


async def test_a_status_proves_that_meta_took_the_message(database: GroupCommit) -> None:
    await store(database, new())
    assert not await Deliveries(database).was_accepted("1.0")
    await store(database, *deliveries.report([report("sent")]))
    assert await Deliveries(database).was_accepted("1.0")


async def test_old_rows_are_purged(database: GroupCommit) -> None:
    await store(database, new())
    kept = timedelta(days=90)
    later = (AT + kept + timedelta(seconds=1)).timestamp()
    purge_old = older_than(kept, delivery.c.created_at)
    purged = await database.submit(Transaction(lambda connection, _: purge_old(connection, later)))
    assert purged == 1


async def test_old_rows_are_deleted_in_batches_until_none_is_left(
    database: GroupCommit, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_SECONDS", 0)
    long_ago = clock() - KEEP_DELIVERIES - timedelta(seconds=1)
    sent = {f"{number}.0": long_ago for number in range(PURGE_BATCH + 1)} | {"new": clock()}
    rows = [deliveries.add(key, user_key="CO.1", kind="text", at=at) for key, at in sent.items()]
    await store(database, *rows)
    await retention.purge(database, timedelta(days=8))
    left = Transaction(lambda connection, _: list(connection.scalars(select(delivery.c.id))))
    assert await database.submit(left) == ["new"]
