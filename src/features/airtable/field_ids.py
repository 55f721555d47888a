"""Which table and field of a base is which: by id, so that operators may rename them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.json import JsonObject
from features.airtable.field_descriptions import is_outdated
from services.operator_tables import FieldSchema, TableSchema

#: table -> its id and those of its fields, by the names of the plan
Ids = dict[str, JsonObject]


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """What a base lacks of the plan, and what of it is not as planned."""

    tables: tuple[TableSchema, ...] = ()
    fields: tuple[tuple[str, FieldSchema], ...] = ()
    #: what only a person can mend
    by_hand: tuple[str, ...] = ()
    #: fields that are there, and whose description says something else
    descriptions: tuple[tuple[str, FieldSchema], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.fields)

    def lines(self) -> Iterator[str]:
        for table in self.tables:
            yield f"create table {table.name} with {len(table.fields)} fields"
        for name, one in self.fields:
            yield f"create field {one.name} ({one.type}) in {name}"
        for name, one in self.descriptions:
            yield f"describe field {one.name} in {name}"
        yield from self.by_hand


@dataclass(slots=True)
class FieldIds:
    """The ids of what the plan names."""

    ids: Ids = field(default_factory=dict)

    def has(self, plans: Sequence[TableSchema]) -> bool:
        """Whether everything of the plan is there; a newer bot may plan more."""
        return all(
            plan.name in self.ids
            and {one.name for one in plan.fields} <= self.ids[plan.name]["fields"].keys()
            for plan in plans
        )

    def table(self, plan: TableSchema) -> str:
        return str(self.ids[plan.name]["id"])

    def of(self, plan: TableSchema, name: str) -> str:
        return str(self.ids[plan.name]["fields"][name])

    def by_id(self, plan: TableSchema, cells: Mapping[str, Any]) -> JsonObject:
        """Cells by name, as cells by id."""
        return {self.of(plan, name): value for name, value in cells.items()}

    def by_name(self, plan: TableSchema, cells: Mapping[str, Any]) -> JsonObject:
        """The other way round; what the plan does not name is left out."""
        names = {one: name for name, one in self.ids[plan.name]["fields"].items()}
        return {names[one]: value for one, value in cells.items() if one in names}


def diff_schema(
    schema: Sequence[JsonObject], known: FieldIds, plans: Sequence[TableSchema]
) -> tuple[FieldIds, SchemaDiff]:
    """The ids that a base has of the plan, found by what was `known` or else by name."""
    ids: Ids = {}
    tables: list[TableSchema] = []
    fields: list[tuple[str, FieldSchema]] = []
    by_hand: list[str] = []
    descriptions: list[tuple[str, FieldSchema]] = []
    for plan in plans:
        before = known.ids.get(plan.name, {})
        table = _find(schema, before.get("id"), plan.name)
        if table is None:
            tables.append(plan)
            continue
        ids[plan.name] = {"id": table["id"], "fields": {}}
        for one in plan.fields:
            there = _find(table["fields"], before.get("fields", {}).get(one.name), one.name)
            if there is None:
                fields.append((plan.name, one))
                continue
            ids[plan.name]["fields"][one.name] = there["id"]
            by_hand += _wrong(plan, one, there)
            if is_outdated(there.get("description") or "", one):
                descriptions.append((plan.name, one))
    missing = (tuple(tables), tuple(fields), tuple(by_hand))
    return FieldIds(ids), SchemaDiff(*missing, tuple(descriptions))


def _find(things: Iterable[JsonObject], id_: str | None, name: str) -> JsonObject | None:
    found = list(things)
    by_id = next((one for one in found if one["id"] == id_), None)
    return by_id or next((one for one in found if one["name"] == name), None)


def _wrong(plan: TableSchema, one: FieldSchema, there: JsonObject) -> Iterator[str]:
    if there["type"] != one.type:
        yield f"by hand: make {there['name']} in {plan.name} a field of type {one.type}"
    wanted = {choice["name"] for choice in one.options.get("choices", ())}
    has = {choice["name"] for choice in (there.get("options") or {}).get("choices", ())}
    if there["type"] == one.type and (missing := sorted(wanted - has)):
        yield f"by hand: add {', '.join(missing)} to the options of {there['name']}"
