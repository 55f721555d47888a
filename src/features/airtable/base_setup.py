"""Makes in a base what the console needs and is not there. Never deletes, never changes."""

from collections.abc import Mapping, Sequence

from domain.json import JsonObject
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from services.airtable_service import AirtableService
from services.operator_tables import LINKED_TABLE, FieldSchema, Owner, TableSchema

#: What operators read about a field, by who writes it.
DESCRIPTIONS = {
    Owner.BOT: "Written by the bot: what you change here is overwritten.",
    Owner.BOTH: "Written by the bot. What you correct here counts.",
    Owner.OPERATORS: "Yours: the bot reads it, or leaves it to you.",
}


async def find_ids(
    airtable: AirtableService, known: FieldIds, plans: Sequence[TableSchema]
) -> FieldIds:
    """The ids of a base that has everything; SetupNeeded if it has not."""
    ids, difference = diff_schema(await airtable.tables(), known, plans)
    if difference:
        raise SetupNeeded(difference)
    return ids


async def complete(
    airtable: AirtableService, known: FieldIds, plans: Sequence[TableSchema]
) -> FieldIds:
    """Create what is missing; returns the ids of all."""
    ids, difference = diff_schema(await airtable.tables(), known, plans)
    missing = list(difference.fields)
    for plan in difference.tables:
        made = await airtable.create_table(plan.name, table_body(plan)["fields"])
        fields = {one["name"]: one["id"] for one in made["fields"]}
        ids.ids[plan.name] = {"id": made["id"], "fields": fields}
        missing += [(plan.name, one) for one in plan.fields if one.is_link]
    tables = {name: str(one["id"]) for name, one in ids.ids.items()}
    for name, one in missing:
        made = await airtable.create_field(tables[name], _field_body(one, tables))
        ids.ids[name]["fields"][one.name] = made["id"]
    return ids


def table_body(table: TableSchema) -> JsonObject:
    """Return what makes a table, without links: the tables that they lead to may be missing."""
    fields = [_field_body(one, {}) for one in table.fields if not one.is_link]
    return {"name": table.name, "fields": fields}


def _field_body(field: FieldSchema, table_ids: Mapping[str, str]) -> JsonObject:
    """Return what makes a field; a link needs the ids of the tables."""
    options = field.options
    if field.is_link:
        options = {"linkedTableId": table_ids[options[LINKED_TABLE]]}
    about = {"description": DESCRIPTIONS[field.owner]}
    made: JsonObject = {"name": field.name, "type": field.type} | about
    return made | ({"options": options} if options else {})


class SetupNeeded(Exception):
    """The base lacks something."""

    def __init__(self, difference: SchemaDiff) -> None:
        super().__init__(
            "the base is not set up: run `python3 watch.py airtable init` ("
            + "; ".join(difference.lines())
            + ")"
        )
