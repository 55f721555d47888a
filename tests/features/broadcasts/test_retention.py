"""What says of which broadcast a message was is deleted with the delivery, and with the person."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from tests.fakes.clock import ManualClock

from app.runtime import retention as upkeep
from domain.user import User
from features.broadcasts import tables as broadcasts
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.people import erasure
from storage.person_rows import PURGE_BATCH
from storage.tables import deliveries
from storage.tables.deliveries import KEEP_DELIVERIES, delivery


async def store(database: GroupCommit, *writes: Write) -> None:
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, writes)))


async def test_what_says_of_which_broadcast_they_were_goes_with_them(
    database: GroupCommit, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCH_SECONDS", 0)
    long_ago = clock() - KEEP_DELIVERIES - timedelta(seconds=1)
    sent = {f"b.{number}": long_ago for number in range(PURGE_BATCH + 1)} | {"b.new": clock()}
    for key, at in sent.items():
        of_person = deliveries.add(key, user_key="CO.1", kind="template", at=at)
        await store(database, of_person, broadcasts.add(key, broadcast="b"))
    await upkeep.purge(database, timedelta(days=8))
    kept = [delivery.c.id, broadcasts.broadcast_message.c.id]
    left = Transaction(
        lambda connection, _: [list(connection.scalars(select(one))) for one in kept]
    )
    assert await database.submit(left) == [["b.new"], ["b.new"]]


ANA = User("ana", "CO.1", "573001234567", "Ana")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


async def test_of_their_messages_no_broadcast_knows_either(database: GroupCommit) -> None:
    for key in ("ana", "john"):
        sent = deliveries.add(f"b.{key}", user_key=key, kind="template", at=NOW)
        await store(database, sent, broadcasts.add(f"b.{key}", broadcast="b"))
    await database.submit(Transaction(lambda c, now: erasure.forget(c, ANA, now)))
    left = select(broadcasts.broadcast_message.c.id)
    assert await database.submit(Transaction(lambda c, _: list(c.scalars(left)))) == ["b.john"]
