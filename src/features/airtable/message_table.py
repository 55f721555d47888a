"""The table Messages: what was written lately, where operators want to read along."""

from datetime import timedelta

from features.airtable.base_schema import MESSAGES
from features.airtable.sync_cycle import SyncCycle
from features.airtable.tables import messages
from features.airtable.upserts import delete_each
from services.airtable_service import MAX_BATCH_RECORDS, AirtableService
from storage.engine.group_commit import GroupCommit, Transaction

#: A base has a limit of records, and no more of them are of use than a person can read.
MOST_KEPT = 10_000


class MessageTable:
    """Deletes what is too old, here and there. `MirroredTable` tells what is new."""

    def __init__(self, airtable: AirtableService, database: GroupCommit, keep: timedelta) -> None:
        self._airtable = airtable
        self._database = database
        self._keep = keep

    async def forget_old(self, cycle: SyncCycle) -> None:
        """Ten at a time."""
        before = cycle.now - self._keep
        old = await self._database.submit(
            Transaction(
                lambda c, _: messages.too_old(
                    c, before, most_kept=MOST_KEPT, most=MAX_BATCH_RECORDS
                )
            )
        )
        if old:
            records = [record_id for _, record_id in old if record_id is not None]
            await delete_each(self._airtable, cycle, MESSAGES, records)
            cycle.writes.append(messages.forget([one for one, _ in old]))
            cycle.has_more |= len(old) == MAX_BATCH_RECORDS
