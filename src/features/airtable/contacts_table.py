"""The table Contacts: what operators ordered there, and what the bot tells."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from domain.conversation_status import HUMAN_STATUSES
from domain.lane_names import lane_name
from domain.user import User
from features.airtable.base_schema import CONTACTS
from features.airtable.mirrored_table import MirroredTable
from features.airtable.operator_commands import OperatorCommands, parse_commands
from features.airtable.record_mappers import contact_to_record
from features.airtable.sync_cycle import Changed, SyncCycle, SyncSettings
from features.airtable.tables import contact_reader, contact_sync
from features.airtable.tables import contacts as desk
from features.airtable.tables.contacts import Contact
from features.airtable.upserts import delete_each, upsert_each
from features.handoff import tickets
from jobs.maintenance import forget_lanes
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.clients.airtable import errors
from services.conversations.message_renderer import free_text
from services.sending.outbox import outbox
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.people.erasure import forget
from storage.tables import users
from storage.tables.users import same_person

#: For a record that Airtable refuses: doubled each time.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(days=1)


class Contacts:
    """`erasure_notice` is what a person is told whose data are erased, `told` the tables beside."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        settings: SyncSettings,
        erasure_notice: Callable[[User], str],
        told: Sequence[MirroredTable[Any]],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._settings = settings
        self._erasure_notice = erasure_notice
        self._told = told

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Do what the cells of operators say."""
        if not changed:
            return
        ids = list(changed)
        for row in await self._database.submit(
            Transaction(lambda c, _: contact_reader.by_record(c, ids))
        ):
            found = changed[str(row.record_id)]
            cells = cycle.ids.by_name(CONTACTS, found or {})
            if found is None:  # deleted: only erasing is for good
                cycle.writes.append(desk.change(row.user.key, {"record_id": None}))
            orders = parse_commands(row, cells, now=cycle.now, idle=self._settings.idle)
            if orders:
                self._carry_out(cycle, row, orders)

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Upsert what changed, ten records at a time."""
        most = max(cycle.calls_left, 1) * MOST_WRITTEN
        now = cycle.now
        rows = await self._database.submit(
            Transaction(lambda c, _: contact_sync.pending(c, now, most=most))
        )
        results = upsert_each(self._airtable, cycle, CONTACTS, rows, contact_to_record)
        async for row, result in results:
            if isinstance(result, str):
                cycle.writes.append(contact_sync.mark_synced(row, result))
            else:
                cycle.writes.append(_refused(row, result, cycle.now))
        cycle.has_more |= len(rows) == most

    async def erase(self, cycle: SyncCycle) -> None:
        """Every trace of those who are to be forgotten, here and there.

        What is under way to them goes first: the last thing that they get is the farewell.
        """
        for row in await self._database.submit(
            Transaction(lambda c, _: contact_reader.to_erase(c))
        ):
            people, records = await self._database.submit(Transaction(partial(_traces, row)))
            for table in self._told:
                for person in people:
                    await table.erase(cycle, person.key)
            await delete_each(self._airtable, cycle, CONTACTS, records)
            await self._database.submit(Transaction(partial(_forget, row, people)))

    def _carry_out(self, cycle: SyncCycle, row: Contact, orders: OperatorCommands) -> None:
        cycle.applied_changes = True
        if orders.user:
            cycle.writes.append(users.change(row.user.key, orders.user))
        if orders.user.get("status", row.user.status) not in HUMAN_STATUSES:
            cycle.writes.append(tickets.close(row.user.key, at=cycle.now))
        cycle.writes.append(desk.change(row.user.key, orders.desk))
        if orders.reply is not None:
            self._send(cycle, row, orders.reply)
        if "erase_at" in orders.desk and row.is_window_open(cycle.now):
            self._send(cycle, row, self._erasure_notice(row.user))

    def _send(self, cycle: SyncCycle, row: Contact, text: str) -> None:
        bodies = [{"message": message.payload(), "upload": None} for message in free_text(text)]
        origin = f"{cycle.job.id}.{len(cycle.jobs)}"
        jobs, rows = outbox(
            bodies,
            row.user,
            row.phone_number_id,
            origin=origin,
            at=cycle.now,
            shown=self._settings.messages is not None,
        )
        cycle.jobs += jobs
        cycle.writes += rows


def _traces(row: Contact, connection: Connection, now: float) -> tuple[list[User], list[str]]:
    """Under which keys a person is known, and Airtable's ids of their contacts."""
    people = same_person(connection, row.user.key)
    return people, contact_reader.records_of(connection, [person.key for person in people])


def _forget(row: Contact, people: Sequence[User], connection: Connection, now: float) -> None:
    """Unless something is under way: then with a later turn."""
    lanes = [
        lane_name(pool, row.phone_number_id, person.key)
        for person in people
        for pool in ("in", "out", "ai")
    ]
    if forget_lanes(connection, lanes):
        forget(connection, people[0], now)


def _refused(row: Contact, error: errors.WrongValue, now: datetime) -> Write:
    pause = min(FIRST_RETRY * 2.0 ** min(row.tries, 20), LONGEST_RETRY)
    return contact_sync.mark_rejected(row, str(error), next_at=now + pause)
