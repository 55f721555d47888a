"""The table Messages: what was written lately, where operators want to read along."""

from datetime import timedelta

from features.airtable.base_schema import MESSAGES
from features.airtable.record_mappers import message_to_record
from features.airtable.tables import messages
from features.airtable.tables.messages import ShownMessage, message
from services.airtable_service import MAX_BATCH_RECORDS
from services.operator_tables import OperatorTable, SyncCycle, SyncedRows
from storage.engine.group_commit import GroupCommit, Transaction

#: A base has a limit of records, and no more of them are of use than a person can read.
MAX_KEPT_MESSAGES = 10_000


class MessageTable(OperatorTable):
    """Shows messages, and deletes those that are too old, here and there."""

    schema = MESSAGES
    is_filled_by_bot = True
    rows = SyncedRows(message, ShownMessage, message.c.at, message_to_record)

    def __init__(self, database: GroupCommit, keep: timedelta) -> None:
        self._database = database
        self._keep = keep

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Delete ten messages that are too old."""
        before = cycle.now - self._keep
        old = await self._database.submit(
            Transaction(
                lambda c, _: messages.too_old(
                    c, before, most_kept=MAX_KEPT_MESSAGES, most=MAX_BATCH_RECORDS
                )
            )
        )
        if old:
            records = [record_id for _, record_id in old if record_id is not None]
            await cycle.delete(MESSAGES, records)
            cycle.writes.append(messages.forget([one for one, _ in old]))
            cycle.has_more |= len(old) == MAX_BATCH_RECORDS
