"""The operators' desk in both databases: what is dirty, what is settled, what is forgotten."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Connection

from domain.conversation_status import ConversationStatus
from domain.delivery import DeliveryStatus, StatusReport
from domain.user import User
from features.airtable.consent_table import ConsentTable
from features.airtable.operator_commands import parse_commands
from features.airtable.tables import contact_deliveries, contact_reader, contact_sync
from features.airtable.tables import contacts as desk
from features.airtable.tables.contacts import Contact
from features.airtable.tables.sync_tracking import SyncTable
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.people import erasure
from storage.tables import consents, deliveries, users

ANA = User("ana", "CO.1", "573001234567", "Ana")
JOHN = User("john", None, "15551234567", "John")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

consent_sync = SyncTable.of(ConsentTable())


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


async def met(database: GroupCommit, *people: User) -> None:
    """They wrote, once each."""
    for one in people:
        seen = desk.touch(one.key, phone_number_id="1", message="hi", waits=True)
        await write(database, users.add(one), seen)


async def pending(database: GroupCommit, now: datetime = NOW) -> list[Contact]:
    return await database.submit(Transaction(lambda c, _: contact_sync.pending(c, now, most=100)))


async def test_what_changed_is_dirty_until_it_is_told(database: GroupCommit) -> None:
    await met(database, ANA, JOHN)
    ana, john = await pending(database)
    assert (ana.user.wa_id, ana.last_message, ana.unread) == (ANA.wa_id, "hi", 1)
    assert john.last_message == "hi"
    await write(
        database, contact_sync.mark_synced(ana, "rec1"), contact_sync.mark_synced(john, "rec2")
    )
    assert await pending(database) == []
    await met(database, ANA)
    [again] = await pending(database)
    assert (again.record_id, again.unread, again.rev) == ("rec1", 2, 2)
    assert await database.submit(Transaction(lambda c, _: contact_sync.count_dirty(c))) == 1


async def test_what_changed_meanwhile_stays_dirty(database: GroupCommit) -> None:
    await met(database, ANA)
    await write(database, desk.change("ana", {"reply_taken": "a", "status_changed_by_bot": True}))
    [told] = await pending(database)
    await write(database, desk.change("ana", {"reply_taken": "b"}))
    await write(database, contact_sync.mark_synced(told, "rec1"))
    [left] = await pending(database)
    assert (left.reply_taken, left.status_changed_by_bot) == ("b", False)
    await write(database, contact_sync.mark_synced(left, "rec1"))
    [row] = await database.submit(
        Transaction(lambda c, _: contact_reader.by_record(c, ["rec1", "rec9"]))
    )
    assert row.reply_taken is None


async def test_a_status_that_changed_while_airtable_was_told_another_is_no_command(
    database: GroupCommit,
) -> None:
    """Somebody asks for a person while the record that says Bot is on its way."""
    await met(database, ANA)
    await write(database, desk.change("ana", {"status_changed_by_bot": True}))
    [told] = await pending(database)
    await write(database, users.change("ana", {"status": "Needs human"}))
    await write(database, desk.change("ana", {"status_changed_by_bot": True}))
    await write(database, contact_sync.mark_synced(told, "rec1"))
    [row] = await pending(database)
    found = parse_commands(
        row, {"Status": "Bot"}, now=NOW, idle=timedelta(hours=8), has_template=False
    )
    assert (row.status_changed_by_bot, bool(found)) == (True, False)
    await write(database, contact_sync.mark_synced(row, "rec1"))
    [row] = await database.submit(Transaction(lambda c, _: contact_reader.by_record(c, ["rec1"])))
    found = parse_commands(
        row, {"Status": "Bot"}, now=NOW, idle=timedelta(hours=8), has_template=False
    )
    assert found.user.get("status") == "Bot"


async def test_a_refused_row_waits(database: GroupCommit) -> None:
    await met(database, ANA)
    [row] = await pending(database)
    await write(database, contact_sync.mark_rejected(row, "no", next_at=LATER))
    assert await pending(database) == []
    [again] = await pending(database, LATER)
    assert again.tries == 1
    await write(database, contact_sync.mark_synced(again, "rec1"))
    assert await pending(database, LATER) == []


async def test_what_did_not_arrive_is_noted(database: GroupCommit) -> None:
    await met(database, ANA)
    await write(database, deliveries.add("7.0", user_key="ana", kind="text", at=NOW))
    lost = StatusReport("wamid.1", DeliveryStatus.FAILED, NOW, "7.0", 131049, "not today")
    fine = StatusReport("wamid.2", DeliveryStatus.READ, NOW, "8.0")
    await write(database, *contact_deliveries.failures([lost, fine]))
    [row] = await pending(database)
    assert row.problem == "not today"


async def test_what_came_of_a_reply_is_noted(database: GroupCommit) -> None:
    await met(database, ANA)
    for one in ("7.0", "8.0"):
        await write(database, deliveries.add(one, user_key="ana", kind="text", at=NOW))
    await write(database, desk.change("ana", {"reply_delivery": "7.0", "reply_text": "Hi"}))
    other = StatusReport("wamid.2", DeliveryStatus.READ, NOW, "8.0")
    lost = StatusReport("wamid.1", DeliveryStatus.FAILED, NOW, "7.0", 131049, "not today")
    read = StatusReport("wamid.1", DeliveryStatus.READ, NOW, "7.0")
    for report, shown in (
        (other, None),
        (lost, "Failed (not today): Hi"),
        (read, "Read at 2026-11-21 10:00 UTC: Hi"),
    ):
        await write(database, *contact_deliveries.reply_reports([report]))
        [row] = await pending(database)
        assert row.reply_result == shown
    await write(database, contact_deliveries.reply_failed("7.0", "no such number"))
    [row] = await pending(database)
    assert row.reply_result == "Failed (no such number): Hi"


@pytest.mark.needs("handoff")
async def test_tickets_are_told_once_their_person_is_known(database: GroupCommit) -> None:
    tickets = import_module("features.handoff.tickets")
    ticket_sync: SyncTable[Any] = SyncTable(
        tickets.ticket, tickets.Ticket, order=tickets.ticket.c.opened_at
    )
    await met(database, ANA)
    await write(database, tickets.open_("T1", user_key="ana", asked="help", at=NOW))

    def find(connection: Connection, _now: float) -> Sequence[object]:
        return ticket_sync.pending(connection, NOW, most=10)

    assert await database.submit(Transaction(find)) == []
    [row] = await pending(database)
    await write(database, contact_sync.mark_synced(row, "rec1"))
    [ticket] = await database.submit(Transaction(lambda c, _: ticket_sync.pending(c, NOW, most=10)))
    assert (ticket.contact_record, ticket.row.closed_at) == ("rec1", None)
    await write(database, ticket_sync.mark_rejected(ticket, next_at=LATER))
    assert await database.submit(Transaction(find)) == []
    [ticket] = await database.submit(
        Transaction(lambda c, _: ticket_sync.pending(c, LATER, most=10))
    )
    await write(database, ticket_sync.mark_synced(ticket, "tic1"))
    assert await database.submit(Transaction(find)) == []
    await write(database, tickets.close("ana", at=LATER), tickets.close("john", at=LATER))
    [closed] = await database.submit(Transaction(lambda c, _: ticket_sync.by_record(c, ["tic1"])))
    assert closed.row.closed_at == LATER
    again = Transaction(lambda c, _: ticket_sync.pending(c, LATER, most=10))
    assert len(await database.submit(again)) == 1


async def test_consent_is_told_once_its_person_is_known(database: GroupCommit) -> None:
    await met(database, ANA)
    event = consents.add("C1", user_key="ana", event="agreed", detail="privacy text 1", at=NOW)
    await write(database, event)
    untold = Transaction(lambda c, _: consent_sync.pending(c, NOW, most=10))
    later = Transaction(lambda c, _: consent_sync.pending(c, LATER, most=10))
    assert await database.submit(untold) == []
    [row] = await pending(database)
    await write(database, contact_sync.mark_synced(row, "rec1"))
    [told] = await database.submit(untold)
    assert (told.contact_record, told.row.detail) == ("rec1", "privacy text 1")
    await write(database, consent_sync.mark_rejected(told, next_at=LATER))
    assert await database.submit(untold) == []
    [told] = await database.submit(later)
    await write(database, consent_sync.mark_synced(told, "con1"))
    assert await database.submit(later) == []
    assert await database.submit(Transaction(lambda c, _: consent_sync.records_of(c, "ana"))) == [
        "con1"
    ]


async def test_who_answers_is_kept_with_the_person(database: GroupCommit) -> None:
    await met(database, ANA)
    by_human = {"status": ConversationStatus.HUMAN.value, "bot_paused_until": LATER}
    await write(database, users.change("ana", by_human))
    found = await users.Users(database).find("ana")
    assert found is not None
    assert (found.status, found.bot_paused_until) == ("Human", LATER)
    assert await users.Users(database).find("nobody") is None


async def test_a_person_is_forgotten_and_the_others_stay(database: GroupCommit) -> None:
    await met(database, ANA, JOHN)
    await write(database, desk.change("ana", {"erase_at": NOW}))
    [row] = await database.submit(Transaction(lambda c, _: contact_reader.to_erase(c, NOW)))
    assert row.user.key == "ana"
    await database.submit(Transaction(lambda c, now: erasure.forget(c, row.user, now)))
    assert [one.user.key for one in await pending(database)] == ["john"]
    assert await users.Users(database).find("ana") is None
    back = [User("by number", wa_id=ANA.wa_id), User("by id", user_id=ANA.user_id)]
    people = [ANA, *back, JOHN, User("without either")]
    assert await erased(database, *people) == {"ana", "by number", "by id"}


async def erased(database: GroupCommit, *people: User) -> frozenset[str]:
    return await database.submit(Transaction(lambda c, _: erasure.erased(c, people)))
