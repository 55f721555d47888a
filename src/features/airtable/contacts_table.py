"""The table Contacts: what operators ordered there, and what the bot tells."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from domain.contact import BY_PEOPLE, DeskRow
from domain.user import User
from features.airtable.base_schema import CONTACTS
from features.airtable.mirrored_table import MirroredTable
from features.airtable.operator_commands import Orders, read_orders
from features.airtable.record_mappers import contact_cells
from features.airtable.sync_cycle import Changed, ConsoleSettings, Turn
from features.airtable.tables import contacts as desk
from features.airtable.upserts import delete_each, upsert_each
from features.handoff import tickets
from jobs.maintenance import forget_lanes
from jobs.model import lane_name
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.clients.airtable import errors
from services.conversations.message_renderer import free_text
from services.sending.outbox import outbox
from storage.engine.group_commit import GroupCommit, Work
from storage.engine.write import Write
from storage.people.erasure import forget
from storage.tables import users
from storage.tables.users import same_person

#: For a record that Airtable refuses: doubled each time.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(days=1)


class Contacts:
    """`farewell` is what a person is told whose data are erased, `told` the tables beside."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        settings: ConsoleSettings,
        farewell: Callable[[User], str],
        told: Sequence[MirroredTable[Any]],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._settings = settings
        self._farewell = farewell
        self._told = told

    async def obey(self, turn: Turn, changed: Changed) -> None:
        """Do what the cells of operators say."""
        if not changed:
            return
        ids = list(changed)
        for row in await self._database.submit(Work(lambda c, _: desk.by_record(c, ids))):
            found = changed[str(row.record_id)]
            cells = turn.ids.by_name(CONTACTS, found or {})
            if found is None:  # deleted: only erasing is for good
                turn.writes.append(desk.change(row.user.key, {"record_id": None}))
            orders = read_orders(row, cells, now=turn.now, idle=self._settings.idle)
            if orders:
                self._carry_out(turn, row, orders)

    async def tell(self, turn: Turn) -> None:
        """Upsert what changed, ten records at a time."""
        most = max(turn.calls_left, 1) * MOST_WRITTEN
        now = turn.now
        rows = await self._database.submit(Work(lambda c, _: desk.dirty(c, now, most=most)))
        results = upsert_each(self._airtable, turn, CONTACTS, rows, contact_cells)
        async for row, result in results:
            if isinstance(result, str):
                turn.writes.append(desk.synced(row, result))
            else:
                turn.writes.append(_refused(row, result, turn.now))
        turn.hurries |= len(rows) == most

    async def erase(self, turn: Turn) -> None:
        """Every trace of those who are to be forgotten, here and there.

        What is under way to them goes first: the last thing that they get is the farewell.
        """
        for row in await self._database.submit(Work(lambda c, _: desk.to_erase(c))):
            people, records = await self._database.submit(Work(partial(_traces, row)))
            for table in self._told:
                for person in people:
                    await table.erase(turn, person.key)
            await delete_each(self._airtable, turn, CONTACTS, records)
            await self._database.submit(Work(partial(_forget, row, people)))

    def _carry_out(self, turn: Turn, row: DeskRow, orders: Orders) -> None:
        turn.obeyed = True
        if orders.user:
            turn.writes.append(users.change(row.user.key, orders.user))
        if orders.user.get("handling", row.user.handling) not in BY_PEOPLE:
            turn.writes.append(tickets.close(row.user.key, at=turn.now))
        turn.writes.append(desk.change(row.user.key, orders.desk))
        if orders.reply is not None:
            self._send(turn, row, orders.reply)
        if "erase_at" in orders.desk and row.is_window_open(turn.now):
            self._send(turn, row, self._farewell(row.user))

    def _send(self, turn: Turn, row: DeskRow, text: str) -> None:
        bodies = [{"message": message.payload(), "upload": None} for message in free_text(text)]
        origin = f"{turn.job.id}.{len(turn.jobs)}"
        jobs, rows = outbox(
            bodies,
            row.user,
            row.phone_number_id,
            origin=origin,
            at=turn.now,
            shown=self._settings.messages is not None,
        )
        turn.jobs += jobs
        turn.writes += rows


def _traces(row: DeskRow, connection: Connection, now: float) -> tuple[list[User], list[str]]:
    """Under which keys a person is known, and Airtable's ids of their contacts."""
    people = same_person(connection, row.user.key)
    return people, desk.records_of(connection, [person.key for person in people])


def _forget(row: DeskRow, people: Sequence[User], connection: Connection, now: float) -> None:
    """Unless something is under way: then with a later turn."""
    lanes = [
        lane_name(pool, row.phone_number_id, person.key)
        for person in people
        for pool in ("in", "out", "ai")
    ]
    if forget_lanes(connection, lanes):
        forget(connection, people[0], now)


def _refused(row: DeskRow, error: errors.WrongValue, now: datetime) -> Write:
    pause = min(FIRST_RETRY * 2.0 ** min(row.tries, 20), LONGEST_RETRY)
    return desk.refused(row, str(error), next_at=now + pause)
