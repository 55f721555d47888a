"""The table Contacts: what operators command there, and what the bot shows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Connection

from domain.json import JsonObject
from domain.user import User
from features.airtable.added_records import AddedRecords
from features.airtable.base_schema import CONTACTS, contacts_schema
from features.airtable.contact_adoption import Adoption, as_told
from features.airtable.contact_columns import LOGGED_AS, contact_columns, shared_cells
from features.airtable.corrections import correction_writes, problem_after, read_corrections
from features.airtable.mirrored_table import erase_rows
from features.airtable.operator_commands import OperatorCommands, UserChanges, parse_commands
from features.airtable.record_mappers import contact_to_record
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables import change_log, contact_reader, contact_sync
from features.airtable.tables import contacts as desk
from features.airtable.tables.contacts import Contact
from flow_engine import CallPerson
from jobs.model import NewJob, Priority
from services.airtable_service import MAX_BATCH_RECORDS
from services.conversations.job_specs import CONVERSATIONS, TIMER, TimerJob
from services.conversations.message_renderer import free_text
from services.conversations.schedule import PREFIX, encode
from services.erasure import Eraser, Erasure
from services.feature import Parts
from services.operator_tables import Cells, Changed, OperatorTable, RecordRefused
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import Transaction
from storage.engine.write import Write
from storage.tables import users
from storage.tables.users import same_person

#: Time until a contact that Airtable refuses is tried again: doubled each time, up to a maximum.
FIRST_RETRY, MAX_RETRY = timedelta(minutes=1), timedelta(days=1)
#: Subject of changes in the change log.
CONTACT = "contact"


class ContactsTable(OperatorTable):
    """Contacts: what operators command there, and what the bot shows.

    `erasure_notice` makes the last message to a person whose data are erased; `tables` are all
    other tables, which hold records about people.
    """

    def __init__(
        self, parts: Parts, erasure_notice: Callable[[User], str], tables: Sequence[OperatorTable]
    ) -> None:
        self._database = parts.database
        self._extensions = parts.context.extensions
        self._idle = parts.context.human_idle
        self._has_template = parts.context.outside_window_template is not None
        self._parts = parts
        self._erasure_notice = erasure_notice
        self._tables = tables
        saved = parts.context.flows.saved
        self.schema = contacts_schema(saved)
        self._columns = contact_columns(saved, [field.name for field in CONTACTS.fields])
        self._adoption = Adoption(parts.database, parts.phone_number_id)
        self._added = AddedRecords(self.schema, self._adopt)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:  # type: ignore[override]
        """Do what the cells of operators say; records that they added become contacts."""
        ids = list(changed)
        rows = await self._database.submit(
            Transaction(lambda c, _: contact_reader.by_record(c, ids))
        )
        known = {str(row.record_id) for row in rows}
        times = await self._own_changes([row.user.key for row in rows])
        assigned: dict[str, JsonObject] = {}
        for row in rows:
            cells = changed[str(row.record_id)]
            if cells is None:  # deleted: only erasing is for good
                cycle.writes.append(desk.change(row.user.key, {"record_id": None, "told": None}))
            commands = self._apply(cycle, row, cells or {}, times)
            author = cycle.changes_by.get(str(row.record_id))
            if commands.assigns and author is not None:
                assigned[str(row.record_id)] = {"Assigned to": {"id": author}}
        await cycle.update(self.schema, assigned)
        there = [one for one, cells in changed.items() if cells is not None]
        await self._added.note(cycle, [one for one in there if one not in known])

    async def push_updates(self, cycle: SyncCycle) -> None:  # type: ignore[override]
        """Upsert what changed, ten records at a time."""
        await self._added.look(cycle)
        most = max(cycle.calls_left, 1) * MAX_BATCH_RECORDS
        now = cycle.now
        rows = await self._database.submit(
            Transaction(lambda c, _: contact_sync.pending(c, now, most=most))
        )
        async for row, result in cycle.upsert(
            self.schema, rows, self._to_cells, attrgetter("record_id")
        ):
            if isinstance(result, str):
                told = shared_cells(row.user, self._columns.free)
                cycle.writes.append(contact_sync.mark_synced(row, result, told))
            else:
                cycle.writes.append(_rejected(row, result, cycle.now))
        cycle.has_more |= len(rows) == most

    def _to_cells(self, row: Contact) -> JsonObject:
        return contact_to_record(row, self._columns.free)

    async def _adopt(self, cycle: SyncCycle, record_id: str, cells: Cells) -> None:
        row = await self._adoption.adopt(record_id, cells)
        if row is not None:
            self._apply(cycle, row, as_told(cells), {})
            cycle.applied_changes = True

    def _apply(
        self, cycle: SyncCycle, row: Contact, cells: Cells, times: Mapping[Any, datetime]
    ) -> OperatorCommands:
        commands = parse_commands(
            row,
            cells,
            now=cycle.now,
            idle=self._idle,
            has_template=self._has_template,
            can_call=self._extensions.can_execute(CallPerson()),
        )
        if row.user.user_id or row.user.wa_id:  # else it was merged into another person
            record_id = str(row.record_id)
            at = cycle.changed_at(record_id)
            found = read_corrections(
                self._columns.shared_of(row.user),
                cells,
                told=row.told_cells,
                known=shared_cells(row.user, self._columns.free),
                is_later=lambda title: (
                    at >= times.get((row.user.key, CONTACT, LOGGED_AS.get(title, title)), at)
                ),
            )
            cycle.writes += correction_writes(row.user.key, CONTACT, found, at=at)
            commands.user |= cast("UserChanges", found.values)
            problem = problem_after(cycle, record_id, row.correction, found, cells)
            if found or problem != row.correction:
                commands.desk["correction"] = problem
        if commands:
            self._carry_out(cycle, row, commands)
        return commands

    async def _own_changes(self, keys: Sequence[str]) -> Mapping[Any, datetime]:
        return await self._database.submit(
            Transaction(lambda c, _: change_log.last_own_changes(c, keys))
        )

    async def erase(self, cycle: SyncCycle) -> None:
        """Erase every trace of the people who are to be forgotten, here and there.

        They are told so with the last message, which leaves no trace either.
        """
        parts = self._parts
        eraser = Eraser(self._database, parts.served_pools, parts.quoting_pools)
        now = cycle.now
        wanted = await self._database.submit(
            Transaction(lambda c, _: contact_reader.to_erase(c, now))
        )
        for row in wanted:
            people, records = await self._database.submit(Transaction(partial(_traces, row)))
            for table in self._tables:
                for person in people:
                    await erase_rows(cycle, table, person.key)
            await cycle.delete(self.schema, records)
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
            changed = self._extensions.status_changed(
                user, row.user.status, cycle.now, by_bot=False
            )
            cycle.writes += changed.writes
            cycle.jobs += changed.jobs
        if commands.reply is not None:
            commands.desk["reply_delivery"] = self._send(cycle, row, commands.reply)
        if commands.calls:
            cycle.jobs.append(_call(row, cycle.now))
        cycle.writes.append(desk.change(row.user.key, commands.desk))

    def _send(self, cycle: SyncCycle, row: Contact, text: str) -> str:
        """Send a reply; return the id of its last message's delivery."""
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
        return str(jobs[-1].key)


def _call(row: Contact, now: datetime) -> NewJob:
    """Return what has the person called, as if that had been scheduled for now."""
    later = {"do": encode(CallPerson())}
    body = TimerJob(timer=f"{PREFIX}airtable", turn=0, due=now.timestamp(), later=later)
    return TIMER.new(CONVERSATIONS.lane(row.phone_number_id, row.user.key), body)


def _traces(row: Contact, connection: Connection, now: float) -> tuple[list[User], list[str]]:
    """Under which keys a person is known, and Airtable's ids of their contacts."""
    people = same_person(connection, row.user.key)
    return people, contact_reader.records_of(connection, [person.key for person in people])


def _rejected(row: Contact, error: RecordRefused, now: datetime) -> Write:
    pause = min(FIRST_RETRY * 2.0 ** min(row.tries, 20), MAX_RETRY)
    return contact_sync.mark_rejected(row, str(error), next_at=now + pause)
