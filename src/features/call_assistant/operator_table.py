"""The table Calls: what operators see of the calls in which the assistant talked."""

from domain.json import JsonObject
from features.call_assistant.tables import CallRecord, call_record
from features.calls.end_words import Say, reason_of
from features.calls.states import End
from services.operator_tables import (
    LINKED_TABLE,
    MOMENT,
    WHOLE,
    OperatorTable,
    SyncedRows,
    TableSchema,
    bot_field,
)

CALLS = TableSchema(
    "Calls",
    (
        bot_field("Call"),
        bot_field("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        bot_field("Started at", "dateTime", MOMENT),
        bot_field("Seconds", "number", WHOLE),
        bot_field("End"),
        bot_field("Summary", "multilineText"),
        bot_field("Transcript", "multilineText"),
        bot_field("Tokens", "number", WHOLE),
        bot_field("Problem", "multilineText"),
    ),
)


class CallTable(OperatorTable):
    """Shows calls once they are over."""

    schema = CALLS
    is_filled_by_bot = True

    def __init__(self, say: Say) -> None:
        self._say = say
        is_over = call_record.c.outcome.is_not(None)
        self.rows = SyncedRows(
            call_record, CallRecord, call_record.c.started_at, self._to_record, where=is_over
        )

    def _to_record(self, row: CallRecord, contact_record: str) -> JsonObject:
        return {
            "Call": row.id,
            "Contact": [contact_record],
            "Started at": row.started_at.isoformat(),
            "Seconds": row.seconds,
            "End": None if row.outcome is None else reason_of(self._say, End(row.outcome)),
            "Summary": row.summary or None,
            "Transcript": row.transcript or None,
            "Tokens": row.tokens,
        }
