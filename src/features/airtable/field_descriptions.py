"""What operators read about a field: who writes it, and what it is for.

The emulator's page lets people edit what these words allow.
"""

from services.operator_tables import FieldSchema, Owner

WRITERS = {
    Owner.BOT: "Written by the bot: what you change here is overwritten.",
    Owner.BOTH: "Written by the bot. What you correct here counts.",
    Owner.OPERATORS: "Yours: the bot reads it, or leaves it to you.",
    Owner.ADDER: "Yours in a record that you add. Once the bot has taken the record over, it is "
    "written by the bot: what you change then is overwritten.",
}


def description_of(field: FieldSchema) -> str:
    """Return the description of a field."""
    return " ".join(filter(None, (WRITERS[field.owner], field.about)))


def is_outdated(described: str, field: FieldSchema) -> bool:
    """Return whether the description that a field has is the bot's, and says something else."""
    is_of_bot = described.startswith(tuple(WRITERS.values()))
    return is_of_bot and described != description_of(field)
