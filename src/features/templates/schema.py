"""Templates, as operators see them."""

from services.operator_tables import MOMENT, TableSchema, bot_field

TEMPLATES = TableSchema(
    "Templates",
    (
        bot_field("Key"),
        bot_field("Status"),
        bot_field("Category"),
        bot_field("Body", "multilineText"),
        bot_field("Variables", "multilineText"),
        bot_field("Rejected reason"),
        bot_field("Problem", "multilineText"),
        bot_field("Quality"),
        bot_field("Previous category"),
        bot_field("Paused until", "dateTime", MOMENT),
    ),
)
