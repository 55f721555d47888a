"""The table Tickets: whether somebody helped who asked for a person."""

from features.airtable.base_schema import TICKETS
from features.airtable.sync_cycle import Changed, SyncCycle
from features.airtable.tables import contacts as desk
from features.airtable.tables.synced_tables import ticket_sync
from features.handoff import tickets
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import users


class TicketTable:
    """A ticket that is ticked as done hands its person back to the bot."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        done = [
            record_id
            for record_id, cells in changed.items()
            if cycle.ids.by_name(TICKETS, cells or {}).get("Done")
        ]
        if not done:
            return
        found = Transaction(lambda c, _: ticket_sync.by_record(c, done))
        for ticket in [synced.row for synced in await self._database.submit(found)]:
            if ticket.closed_at is None:
                cycle.applied_changes = True
                cycle.writes += [
                    tickets.close(ticket.user_key, at=cycle.now),
                    users.change(ticket.user_key, {"status": None, "bot_paused_until": None}),
                    desk.change(ticket.user_key, {"status_changed_by_bot": True, "unread": 0}),
                ]
