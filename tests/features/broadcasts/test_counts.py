"""What became of the messages of a broadcast, in both databases."""

from datetime import UTC, datetime

from domain.delivery import DeliveryStatus, StatusReport
from features.broadcasts import tables as broadcasts
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.tables import deliveries

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


def report(message_id: str, status: DeliveryStatus, text: str | None = None) -> StatusReport:
    return StatusReport("wamid.1", status, callback_data=message_id, error_text=text)


async def test_what_became_of_a_broadcast_is_counted(database: GroupCommit) -> None:
    for number in range(5):
        key = f"b.{number}"
        row = deliveries.add(key, user_key="ana", kind="template", at=NOW)
        await write(database, row, broadcasts.add(key, broadcast="b"))
    await write(database, deliveries.add("other", user_key="ana", kind="text", at=NOW))
    reports = [
        report("b.1", DeliveryStatus.SENT),
        report("b.2", DeliveryStatus.READ),
        report("other", DeliveryStatus.READ),
    ]
    await write(database, *deliveries.report(reports))
    for number in (3, 4):
        mark_rejected = deliveries.refuse(f"b.{number}", code=131026, text="undeliverable", at=NOW)
        await write(database, mark_rejected)
    found = await database.submit(Transaction(lambda c, _: broadcasts.delivery_counts(c, "b")))
    assert (found.pending, found.sent, found.delivered, found.read) == (1, 2, 1, 1)
    assert (found.failed, found.failures) == (2, {"131026 undeliverable": 2})
