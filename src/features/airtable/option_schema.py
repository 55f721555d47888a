"""The tables from which flows take options: `Ask("slot", options_from="airtable:Slots")`."""

from flow_engine import SavedData
from services.operator_tables import (
    TICK,
    WHOLE,
    TableSchema,
    bot_field,
    operator_field,
)

#: What the name of a source begins with, before the name of the table.
PREFIX = "airtable"


def options_schema(name: str) -> TableSchema:
    """Return the table of a source."""
    return TableSchema(
        name,
        (
            operator_field("Title", "singleLineText"),
            operator_field("Description", "singleLineText"),
            operator_field("Id", "singleLineText"),
            operator_field("Active", "checkbox", TICK),
            operator_field("Capacity", "number", WHOLE),
            bot_field("Taken", "number", WHOLE),
            bot_field("Problem", "multilineText"),
        ),
    )


def option_tables(saved: SavedData) -> list[str]:
    """Return the names of the tables that flows take options from."""
    pairs = (source.partition(":") for source in saved.sources)
    return [name for prefix, _, name in pairs if prefix == PREFIX and name]


def option_key(name: str, option: str) -> str:
    """Return under which key records keep the option that they take."""
    return f"{PREFIX}:{name}:{option}"
