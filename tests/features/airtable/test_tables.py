"""What operators see besides the desk, in both databases: messages, questions, hits, broadcasts."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from domain.delivery import DeliveryStatus, StatusReport
from domain.user import User
from features.airtable.tables import contact_reader, contact_sync, messages
from features.airtable.tables import contacts as desk
from features.airtable.tables.messages import ShownMessage, message
from features.airtable.tables.sync_tracking import SyncTable
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.tables import users

ANA = User("ana", "CO.1", "573001234567", "Ana")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

message_sync = SyncTable(message, ShownMessage, order=message.c.at)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


async def known(database: GroupCommit) -> None:
    """Ana has a record in Airtable."""
    seen = desk.touch("ana", phone_number_id="1", message="hi", waits=True)
    await write(database, users.add(ANA), seen)
    [row] = await database.submit(Transaction(lambda c, _: contact_sync.pending(c, NOW, most=1)))
    await write(database, contact_sync.mark_synced(row, "rec1"))


def sent(message_id: str, at: datetime = NOW) -> Write:
    return messages.add(
        message_id, user_key="ana", direction="out", kind="text", text="hello", at=at
    )


def report(message_id: str, status: DeliveryStatus, text: str | None = None) -> StatusReport:
    return StatusReport("wamid.1", status, callback_data=message_id, error_text=text)


async def test_the_latest_status_of_a_message_is_shown(database: GroupCommit) -> None:
    await known(database)
    await write(database, sent("1"), sent("1"))
    for status in (DeliveryStatus.READ, DeliveryStatus.DELIVERED):
        await write(database, *messages.report([report("1", status), report("9", status)]))
    pending = Transaction(lambda c, _: message_sync.pending(c, NOW, most=10))
    [shown] = await database.submit(pending)
    assert (shown.row.status, shown.row.error, shown.contact_record) == ("read", None, "rec1")
    await write(database, message_sync.mark_synced(shown, "msg1"))
    assert await database.submit(pending) == []
    await write(database, messages.failed("1", "undeliverable"))
    [shown] = await database.submit(pending)
    assert (shown.row.status, shown.row.error) == ("failed", "undeliverable")


async def test_old_and_surplus_messages_are_forgotten(database: GroupCommit) -> None:
    await known(database)
    for number in range(5):
        await write(database, sent(str(number), NOW + timedelta(hours=number)))

    async def old(before: datetime, most_kept: int) -> list[str]:
        found = Transaction(lambda c, _: messages.too_old(c, before, most_kept=most_kept, most=10))
        return [message_id for message_id, _ in await database.submit(found)]

    assert await old(NOW, 10) == []
    assert await old(NOW + timedelta(hours=2), 10) == ["0", "1"]
    assert await old(NOW, 3) == ["0", "1"]
    await write(database, messages.forget(["0", "1"]))
    assert await old(NOW + timedelta(hours=2), 3) == []


@pytest.mark.needs("faq")
async def test_a_question_is_kept_once(database: GroupCommit) -> None:
    unanswered = import_module("features.faq.unanswered")
    table = import_module("features.faq.operator_table").UnansweredTable(database)
    unanswered_sync: SyncTable[Any] = SyncTable.of(table)
    await known(database)
    for _ in range(2):
        asked = unanswered.add("q", user_key="ana", question="why?", language="en", at=NOW)
        await write(database, asked)
    [row] = await database.submit(
        Transaction(lambda c, _: unanswered_sync.pending(c, NOW, most=10))
    )
    assert (row.row.question, row.contact_record) == ("why?", "rec1")


async def test_people_are_paged_through_with_their_tags(database: GroupCommit) -> None:
    await known(database)
    tagged = desk.change("ana", {"tags": '["vip"]'})
    await write(database, tagged)
    [row] = await database.submit(
        Transaction(lambda c, _: contact_reader.page(c, after="", most=10))
    )
    assert row.tag_names == frozenset({"vip"})
    assert (
        await database.submit(
            Transaction(lambda c, _: contact_reader.page(c, after="ana", most=10))
        )
        == []
    )
