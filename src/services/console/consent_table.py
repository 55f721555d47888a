"""The table Consent log: what people agreed to, and when they took it back."""

from typing import Any

from domain.desk import ConsentEvent
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.console.outgoing import written
from services.console.plan import CONSENT_LOG
from services.console.turn import Turn
from storage import consents
from storage.group_commit import GroupCommit, Work


class ConsentTable:
    """Nothing is read back from it."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._database = database

    async def tell(self, turn: Turn) -> None:
        """Those whose contact is in Airtable already."""
        rows = await self._database.submit(Work(lambda c, _: consents.untold(c, most=MOST_WRITTEN)))
        if not rows:
            return
        key = turn.ids.of(CONSENT_LOG, CONSENT_LOG.key)
        records = [turn.ids.by_id(CONSENT_LOG, _cells(one)) for one in rows]
        turn.calls += 1
        table_id = turn.ids.table(CONSENT_LOG)
        taken = await self._airtable.upsert(table_id, records, key_field=key)
        for one, record in zip(rows, taken, strict=True):
            turn.writes.append(consents.synced(one, record["id"]))
        turn.hurries |= len(rows) == MOST_WRITTEN


def _cells(event: ConsentEvent) -> dict[str, Any]:
    return {
        "Event id": event.id,
        "Contact": [event.contact_record],
        "Event": event.event,
        "Detail": event.detail,
        "At": written(event.at),
    }
