"""The FAQ and the unanswered questions, as operators see them."""

from flow_engine.languages import LANGUAGES
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

FAQ = TableSchema(
    "FAQ",
    (
        operator_field("Question", "singleLineText"),
        operator_field("Also asked as", "multilineText"),
        operator_field("Answer", "multilineText"),
        operator_field("Active", "checkbox", TICK),
        bot_field("Problem", "multilineText"),
        operator_field("Language", "singleSelect", choices(*LANGUAGES)),
        bot_field("Hits", "number", WHOLE),
        bot_field("Last hit at", "dateTime", MOMENT),
    ),
)
UNANSWERED = TableSchema(
    "Unanswered",
    (
        bot_field("Id"),
        bot_field("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        bot_field("Question", "multilineText"),
        bot_field("Language", "singleSelect", choices(*LANGUAGES)),
        bot_field("Asked at", "dateTime", MOMENT),
        bot_field("Problem", "multilineText"),
    ),
)
