"""Broadcasts, as operators see them."""

from features.broadcasts.state import Command, Stage
from services.operator_tables import (
    LINKED_TABLE,
    MOMENT,
    TICK,
    WHOLE,
    TableSchema,
    bot_field,
    choices,
    operator_field,
)

BROADCASTS = TableSchema(
    "Broadcasts",
    (
        operator_field("Name", "singleLineText"),
        operator_field("Template", "multipleRecordLinks", {LINKED_TABLE: "Templates"}),
        operator_field("Command", "singleSelect", choices(*Command)),
        operator_field("Approved", "checkbox", TICK),
        bot_field("Problem", "multilineText"),
        bot_field("State", "singleSelect", choices(*Stage)),
        operator_field("Variables", "multilineText"),
        operator_field("Include tags", "multipleSelects", choices("vip")),
        operator_field("Exclude tags", "multipleSelects", choices("vip")),
        operator_field("Send at", "dateTime", MOMENT),
        operator_field("Test to", "phoneNumber"),
        bot_field("Preview", "multilineText"),
        bot_field("Audience", "number", WHOLE),
        bot_field("Skipped", "number", WHOLE),
        bot_field("Queued", "number", WHOLE),
        bot_field("Sent", "number", WHOLE),
        bot_field("Delivered", "number", WHOLE),
        bot_field("Read", "number", WHOLE),
        bot_field("Failed", "number", WHOLE),
        bot_field("Progress", "percent", WHOLE),
        bot_field("Report", "multilineText"),
        bot_field("Recipients", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
    ),
)
