"""The table Tickets: whether somebody helped the people who asked for a human."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from domain.json import JsonObject
from features.handoff import tickets
from features.handoff.schema import TICKETS
from features.handoff.tickets import Ticket, ticket
from services.conversations.extensions import Extensions
from services.operator_tables import Changed, OpenedRecord, OperatorTable, SyncCycle, SyncedRows
from storage.engine.group_commit import GroupCommit
from storage.tables import users
from storage.tables.users import Users


class TicketTable(OperatorTable):
    """A ticket that is ticked as done hands its person back to the bot."""

    schema = TICKETS
    is_filled_by_bot = True

    def __init__(self, database: GroupCommit, extensions: Extensions) -> None:
        self._users = Users(database)
        self._extensions = extensions
        self.rows = SyncedRows(ticket, Ticket, ticket.c.opened_at, ticket_to_record)

    def file_records(
        self, connection: Connection, user_key: str, *, is_new: bool
    ) -> Sequence[str | None]:
        return tickets.records_of(connection, user_key, only_open=is_new)

    def opened_records(self, connection: Connection, since: datetime) -> Sequence[OpenedRecord]:
        return tickets.opened_since(connection, since)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        done = [record_id for record_id, cells in changed.items() if (cells or {}).get("Done")]
        for row in await cycle.rows(self, done) if done else ():
            if row.closed_at is None:
                cycle.applied_changes = True
                cycle.writes.append(tickets.close(row.user_key, at=cycle.now))
                await self._return_to_bot(cycle, row.user_key)

    async def _return_to_bot(self, cycle: SyncCycle, user_key: str) -> None:
        changes = dict.fromkeys(("status", "bot_paused_until", "held_since", "held_by"))
        before = await self._users.get(user_key)
        user = before.with_changes(changes)
        cycle.writes.append(users.change(user_key, changes))
        changed = self._extensions.status_changed(user, before.status, cycle.now, by_bot=True)
        cycle.writes += changed.writes
        cycle.jobs += changed.jobs
        cycle.writes += self._extensions.handed_back(user)


def ticket_to_record(row: Ticket, contact_record: str) -> JsonObject:
    """Return the cells of a ticket."""
    return {
        "Ticket": row.id,
        "Contact": [contact_record],
        "Asked": row.asked,
        "Opened at": _isoformat(row.opened_at),
        "Closed at": _isoformat(row.closed_at),
        "Problem": row.problem,
    }


def _isoformat(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
