"""Makes in a base what the console needs and is not there. Never deletes, never changes."""

from collections.abc import Mapping, Sequence

from domain.json import JsonObject
from features.airtable.field_descriptions import description_of
from features.airtable.field_ids import FieldIds, SchemaDiff, diff_schema
from services.airtable_service import AirtableService
from services.operator_tables import LINKED_TABLE, FieldSchema, TableSchema


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
    """Create what is missing, in the order of the plans; returns the ids of all.

    A field of before that says something else of who writes it is described anew.
    """
    ids, difference = diff_schema(await airtable.tables(), known, plans)
    missing = list(difference.fields)
    tables = {name: str(one["id"]) for name, one in ids.ids.items()}
    for plan in _linked_first(difference.tables):
        made = await airtable.create_table(plan.name, table_body(plan, tables)["fields"])
        fields = {one["name"]: one["id"] for one in made["fields"]}
        ids.ids[plan.name] = {"id": made["id"], "fields": fields}
        tables[plan.name] = str(made["id"])
        missing += [(plan.name, one) for one in plan.fields if one.name not in fields]
    for name, one in missing:
        made = await airtable.create_field(tables[name], _field_body(one, tables))
        ids.ids[name]["fields"][one.name] = made["id"]
    for name, one in difference.descriptions:
        field_id = str(ids.ids[name]["fields"][one.name])
        await airtable.describe_field(tables[name], field_id, description_of(one))
    return ids


def _linked_first(tables: Sequence[TableSchema]) -> Sequence[TableSchema]:
    """Return tables in their order, each after those that it links to."""
    by_name, found = {one.name: one for one in tables}, dict[str, TableSchema]()

    def add(table: TableSchema) -> None:
        for one in table.fields:
            linked = by_name.pop(str(one.options.get(LINKED_TABLE)), None)
            if linked is not None and linked is not table:
                add(linked)
        found[table.name] = table

    for table in tables:
        add(table)
    return tuple(found.values())


def table_body(table: TableSchema, table_ids: Mapping[str, str]) -> JsonObject:
    """Return what makes a table, without links to tables that are not there yet."""
    fields = [
        _field_body(one, table_ids)
        for one in table.fields
        if not one.is_link or one.options[LINKED_TABLE] in table_ids
    ]
    return {"name": table.name, "fields": fields}


def _field_body(field: FieldSchema, table_ids: Mapping[str, str]) -> JsonObject:
    """Return what makes a field; a link needs the ids of the tables."""
    options = field.options
    if field.is_link:
        options = {"linkedTableId": table_ids[options[LINKED_TABLE]]}
    about = {"description": description_of(field)}
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
