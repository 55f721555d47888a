"""The table Contacts: what operators command there, and what the bot shows."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from domain.user import User
from features.airtable.base_schema import CONTACTS
from features.airtable.mirrored_table import erase_rows
from features.airtable.operator_commands import OperatorCommands, parse_commands
from features.airtable.record_mappers import contact_to_record
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables import contact_reader, contact_sync
from features.airtable.tables import contacts as desk
from features.airtable.tables.contacts import Contact, ContactChanges
from jobs.model import Priority
from services.airtable_service import MAX_BATCH_RECORDS
from services.conversations.message_renderer import free_text
from services.erasure import Eraser, Erasure
from services.feature import Parts
from services.operator_tables import Changed, OperatorTable, RecordRefused
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import Transaction
from storage.engine.write import Write
from storage.tables import users
from storage.tables.users import same_person

#: Time until a contact that Airtable refuses is tried again: doubled each time, up to a maximum.
FIRST_RETRY, MAX_RETRY = timedelta(minutes=1), timedelta(days=1)


class ContactsTable(OperatorTable):
    """Contacts: what operators command there, and what the bot shows.

    `erasure_notice` makes the last message to a person whose data are erased; `tables` are all
    other tables, which hold records about people.
    """

    schema = CONTACTS

    def __init__(
        self, parts: Parts, erasure_notice: Callable[[User], str], tables: Sequence[OperatorTable]
    ) -> None:
        self._database = parts.database
        self._extensions = parts.context.extensions
        self._idle = parts.context.human_idle
        self._parts = parts
        self._erasure_notice = erasure_notice
        self._tables = tables

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:  # type: ignore[override]
        """Do what the cells of operators say."""
        ids = list(changed)
        for row in await self._database.submit(
            Transaction(lambda c, _: contact_reader.by_record(c, ids))
        ):
            cells = changed[str(row.record_id)]
            if cells is None:  # deleted: only erasing is for good
                cycle.writes.append(desk.change(row.user.key, {"record_id": None}))
            commands = parse_commands(
                row,
                cells or {},
                now=cycle.now,
                idle=self._idle,
                has_template=self._parts.context.outside_window_template is not None,
            )
            if commands:
                self._carry_out(cycle, row, commands)

    async def push_updates(self, cycle: SyncCycle) -> None:  # type: ignore[override]
        """Upsert what changed, ten records at a time."""
        most = max(cycle.calls_left, 1) * MAX_BATCH_RECORDS
        now = cycle.now
        rows = await self._database.submit(
            Transaction(lambda c, _: contact_sync.pending(c, now, most=most))
        )
        async for row, result in cycle.upsert(CONTACTS, rows, contact_to_record):
            if isinstance(result, str):
                cycle.writes.append(contact_sync.mark_synced(row, result))
            else:
                cycle.writes.append(_rejected(row, result, cycle.now))
        cycle.has_more |= len(rows) == most

    async def erase(self, cycle: SyncCycle) -> None:
        """Erase every trace of the people who are to be forgotten, here and there.

        They are told so with the last message, which leaves no trace either.
        """
        parts = self._parts
        eraser = Eraser(self._database, parts.served_pools, parts.quoting_pools)
        wanted = await self._database.submit(Transaction(lambda c, _: contact_reader.to_erase(c)))
        for row in wanted:
            people, records = await self._database.submit(Transaction(partial(_traces, row)))
            for table in self._tables:
                for person in people:
                    await erase_rows(cycle, table, person.key)
            await cycle.delete(CONTACTS, records)
            await eraser.erase(self._erasure(row, people[0], cycle.now), now=cycle.now)

    def _erasure(self, row: Contact, person: User, now: datetime) -> Erasure:
        """What to erase, and what to say then, if the window is open."""
        farewell = free_text(self._erasure_notice(person)) if row.is_window_open(now) else ()
        return Erasure(person, row.erase_at or now, tuple(farewell), row.phone_number_id)

    def _carry_out(self, cycle: SyncCycle, row: Contact, commands: OperatorCommands) -> None:
        cycle.applied_changes = True
        if commands.user:
            cycle.writes.append(users.change(row.user.key, commands.user))
            user = row.user.with_changes(commands.user)
            cycle.writes += self._extensions.status_changed(user, cycle.now, by_bot=False)
        cycle.writes.append(desk.change(row.user.key, commands.desk))
        if commands.reply is not None:
            self._send(cycle, row, commands.reply)

    def _send(self, cycle: SyncCycle, row: Contact, text: str) -> None:
        jobs, writes = enqueue_messages(
            [Draft(message.payload()) for message in free_text(text)],
            row.user,
            row.phone_number_id,
            at=cycle.now,
            observers=self._extensions.observers,
            priority=Priority.HIGH,
            read=row.user.last_inbound_id,
            is_by_operator=True,
        )
        cycle.jobs += jobs
        cycle.writes += writes
        changes: ContactChanges = {"reply_delivery": jobs[0].key}
        cycle.writes.append(desk.change(row.user.key, changes))


def _traces(row: Contact, connection: Connection, now: float) -> tuple[list[User], list[str]]:
    """Under which keys a person is known, and Airtable's ids of their contacts."""
    people = same_person(connection, row.user.key)
    return people, contact_reader.records_of(connection, [person.key for person in people])


def _rejected(row: Contact, error: RecordRefused, now: datetime) -> Write:
    pause = min(FIRST_RETRY * 2.0 ** min(row.tries, 20), MAX_RETRY)
    return contact_sync.mark_rejected(row, str(error), next_at=now + pause)
