"""The table Tickets: whether somebody helped who asked for a person."""

from features.airtable.base_schema import TICKETS
from features.airtable.sync_cycle import Changed, Turn
from features.airtable.tables import contacts as desk
from features.handoff import tickets
from storage.engine.group_commit import GroupCommit, Work
from storage.tables import users


class TicketTable:
    """A ticket that is ticked as done hands its person back to the bot."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def obey(self, turn: Turn, changed: Changed) -> None:
        done = [
            record_id
            for record_id, cells in changed.items()
            if turn.ids.by_name(TICKETS, cells or {}).get("Done")
        ]
        if not done:
            return
        for one in await self._database.submit(
            Work(lambda c, _: tickets.mirror.by_record(c, done))
        ):
            if one.closed_at is None:
                turn.obeyed = True
                turn.writes += [
                    tickets.close(one.user_key, at=turn.now),
                    users.change(one.user_key, {"handling": None, "silent_until": None}),
                    desk.change(one.user_key, {"handling_is_ours": True, "unread": 0}),
                ]
