"""The table Tickets: who asked for a person, and whether somebody helped."""

from collections.abc import Mapping
from typing import Any

from domain.desk import Ticket
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.console.outgoing import written
from services.console.plan import TICKETS
from services.console.turn import Cells, Turn
from services.console.upserts import AGAIN, upsert_each
from storage import desk, tickets, users
from storage.group_commit import GroupCommit, Work


class TicketTable:
    """A ticket that is ticked as done hands its person back to the bot."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._database = database

    async def obey(self, turn: Turn, changed: Mapping[str, Cells]) -> None:
        done = [
            record_id
            for record_id, cells in changed.items()
            if turn.ids.by_name(TICKETS, cells).get("Done")
        ]
        if not done:
            return
        for one in await self._database.submit(Work(lambda c, _: tickets.by_record(c, done))):
            if one.closed_at is None:
                turn.obeyed = True
                turn.writes += [
                    tickets.close(one.user_key, at=turn.now),
                    users.change(one.user_key, {"handling": None, "silent_until": None}),
                    desk.change(one.user_key, {"handling_is_ours": True, "unread": 0}),
                ]

    async def tell(self, turn: Turn) -> None:
        """Those whose contact is in Airtable already."""
        now = turn.now
        rows = await self._database.submit(
            Work(lambda c, _: tickets.dirty(c, now, most=MOST_WRITTEN))
        )
        async for one, result in upsert_each(self._airtable, turn, TICKETS, rows, _cells):
            if isinstance(result, str):
                turn.writes.append(tickets.synced(one, result))
            else:
                turn.writes.append(tickets.refused(one, next_at=now + AGAIN))
        turn.hurries |= len(rows) == MOST_WRITTEN


def _cells(ticket: Ticket) -> dict[str, Any]:
    return {
        "Ticket": ticket.id,
        "Contact": [ticket.contact_record],
        "Asked": ticket.asked,
        "Opened at": written(ticket.opened_at),
        "Closed at": written(ticket.closed_at),
    }
