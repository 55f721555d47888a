"""What operators see besides the desk, in both databases: messages, questions, hits, broadcasts."""

from datetime import UTC, datetime, timedelta

from domain.delivery import DeliveryStatus, StatusReport
from domain.user import User
from features.airtable.tables import contact_reader, contact_sync, messages
from features.airtable.tables import contacts as desk
from features.airtable.tables.synced_tables import message_sync, unanswered_sync
from features.assistant import token_usage as spending
from features.assistant.token_usage import TokenBudget
from features.broadcasts import tables as broadcasts
from features.faq import hits as faq_hits
from features.faq import unanswered
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.tables import deliveries, users

ANA = User("ana", "CO.1", "573001234567", "Ana")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


async def known(database: GroupCommit) -> None:
    """Ana has a record in Airtable."""
    seen = desk.touch("ana", phone_number_id="1", at=NOW, message="hi")
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


async def test_a_question_is_kept_once(database: GroupCommit) -> None:
    await known(database)
    for _ in range(2):
        asked = unanswered.add("q", user_key="ana", question="why?", language="en", at=NOW)
        await write(database, asked)
    [row] = await database.submit(
        Transaction(lambda c, _: unanswered_sync.pending(c, NOW, most=10))
    )
    assert (row.row.question, row.contact_record) == ("why?", "rec1")


async def test_hits_are_news_until_they_are_told(database: GroupCommit) -> None:
    later = NOW + timedelta(hours=1)
    await write(database, faq_hits.count("rec1", NOW))
    await write(database, faq_hits.count("rec1", later), faq_hits.count("rec2", NOW))
    news = Transaction(lambda c, _: sorted(faq_hits.news(c, 10)))
    assert await database.submit(news) == [("rec1", 2, later), ("rec2", 1, NOW)]
    await write(database, faq_hits.told({"rec1": 1, "rec2": 1}))
    assert await database.submit(news) == [("rec1", 2, later)]


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


async def test_people_are_paged_through_with_their_tags(database: GroupCommit) -> None:
    await known(database)
    tagged = desk.change("ana", {"tags": '["vip"]'})
    await write(database, tagged, desk.note_broadcast("ana", "b", NOW))
    [row] = await database.submit(
        Transaction(lambda c, _: contact_reader.page(c, after="", most=10))
    )
    assert (row.tag_names, row.broadcast_at, row.broadcast_id) == (frozenset({"vip"}), NOW, "b")
    assert (
        await database.submit(
            Transaction(lambda c, _: contact_reader.page(c, after="ana", most=10))
        )
        == []
    )


async def test_what_is_spent_counts_for_its_person_its_day_and_all(database: GroupCommit) -> None:
    purse = TokenBudget(database, per_person=10, in_all=15)
    tomorrow = NOW + timedelta(days=1)
    assert await purse.has_budget("ana", NOW)
    for tokens in (6, 6):
        await write(database, *purse.spent("ana", tokens, NOW))
    assert not await purse.has_budget("ana", NOW)
    assert await purse.has_budget("ana", tomorrow)
    assert await purse.has_budget("john", NOW)
    await write(database, *purse.spent("john", 3, NOW))
    assert not await purse.has_budget("eve", NOW)
    free = TokenBudget(database, per_person=0, in_all=0)
    assert await free.has_budget("ana", NOW)
    month = timedelta(days=30)
    purge = Transaction(lambda c, _: spending.purge_old(c, (NOW + month).timestamp(), keep=month))
    assert await database.submit(purge) == 0
    older = timedelta(days=29)
    purge = Transaction(lambda c, _: spending.purge_old(c, (NOW + month).timestamp(), keep=older))
    assert await database.submit(purge) == 3
