"""The table Consent log: what people agreed to, and when they took it back."""

from typing import Any

from domain.desk import ConsentEvent
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.console.outgoing import written
from services.console.plan import CONSENT_LOG
from services.console.turn import Turn
from services.console.upserts import AGAIN, upsert_each
from storage import consents
from storage.group_commit import GroupCommit, Work


class ConsentTable:
    """Nothing is read back from it."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._database = database

    async def tell(self, turn: Turn) -> None:
        """Those whose contact is in Airtable already."""
        now = turn.now
        rows = await self._database.submit(
            Work(lambda c, _: consents.untold(c, now, most=MOST_WRITTEN))
        )
        async for one, result in upsert_each(self._airtable, turn, CONSENT_LOG, rows, _cells):
            if isinstance(result, str):
                turn.writes.append(consents.synced(one, result))
            else:
                turn.writes.append(consents.refused(one, next_at=now + AGAIN))
        turn.hurries |= len(rows) == MOST_WRITTEN


def _cells(event: ConsentEvent) -> dict[str, Any]:
    return {
        "Event id": event.id,
        "Contact": [event.contact_record],
        "Event": event.event,
        "Detail": event.detail,
        "At": written(event.at),
    }
