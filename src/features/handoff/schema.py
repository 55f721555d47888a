"""Tickets and opening hours, as operators see them."""

from services.operator_tables import (
    FILES,
    LINKED_TABLE,
    MOMENT,
    TICK,
    TableSchema,
    bot_field,
    operator_field,
)

TICKETS = TableSchema(
    "Tickets",
    (
        bot_field("Ticket"),
        bot_field("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        bot_field("Asked", "multilineText"),
        operator_field("Done", "checkbox", TICK),
        bot_field("Problem", "multilineText"),
        operator_field("Assigned to", "singleCollaborator"),
        operator_field("Summary", "multilineText"),
        bot_field(FILES, "multipleAttachments"),
        bot_field("Opened at", "dateTime", MOMENT),
        bot_field("Closed at", "dateTime", MOMENT),
    ),
)
HOURS = TableSchema(
    "Hours",
    (
        operator_field("Day or date", "singleLineText"),
        operator_field("Opens", "singleLineText"),
        operator_field("Closes", "singleLineText"),
        operator_field("Closed", "checkbox", TICK),
        bot_field("Problem", "multilineText"),
    ),
)
