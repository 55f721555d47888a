"""The table Calls: what operators see of the calls in which the assistant talked."""

from domain.json import JsonObject
from features.call_assistant.tables import CallRecord, call_record
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

    def __init__(self) -> None:
        is_over = call_record.c.outcome.is_not(None)
        self.rows = SyncedRows(
            call_record, CallRecord, call_record.c.started_at, call_to_record, where=is_over
        )


def call_to_record(row: CallRecord, contact_record: str) -> JsonObject:
    """Return the cells of a call."""
    return {
        "Call": row.id,
        "Contact": [contact_record],
        "Started at": row.started_at.isoformat(),
        "Seconds": row.seconds,
        "End": row.outcome,
        "Summary": row.summary or None,
        "Transcript": row.transcript or None,
        "Tokens": row.tokens,
    }
