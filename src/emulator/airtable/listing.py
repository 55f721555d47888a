"""Records as a program lists them: filtered, sorted, in pages.

Source: airtable.com/developers/web/api/list-records
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import QueryParams

from emulator.airtable.errors import AirtableRefusal, invalid
from emulator.airtable.field_types import written
from emulator.airtable.formula import holds, parse
from emulator.airtable.formula_values import number
from emulator.airtable.tables import FIRST_VIEW, Field, Record, Table
from emulator.json import JsonObject

MAX_PAGE_RECORDS = 100
#: Lifetime of an offset; Airtable says only that it ends.
OFFSET_SECONDS = 600
SORT = re.compile(r"sort\[(\d+)\]\[(field|direction)\]")
DIRECTIONS = ("asc", "desc")
NUMBERS = frozenset({"number", "percent", "currency", "duration", "rating", "checkbox"})


def asked_by(query: QueryParams) -> JsonObject:
    """Return what a query asks for, in the form of the body of listRecords."""
    sort: dict[int, dict[str, str]] = {}
    for key, value in query.items():
        if found := SORT.fullmatch(key):
            sort.setdefault(int(found[1]), {})[found[2]] = value
    fields = query.getlist("fields[]") or query.getlist("fields")
    more = query.getlist("recordMetadata[]") or query.getlist("recordMetadata")
    by_place = [sort[place] for place in sorted(sort)]
    return {**query, "fields": fields, "recordMetadata": more, "sort": by_place}


def listed(table: Table, asked: Mapping[str, Any], now: float) -> JsonObject:
    """Return one page of records. Raise AirtableRefusal for what Airtable would not list."""
    _check(table, asked)
    records = list(table.records.values())
    if formula := asked.get("filterByFormula"):
        known = {*(one.name for one in table.fields), *(one.id for one in table.fields)}
        term, moment = parse(str(formula), known), written(now)
        records = [one for one in records if holds(term, {**table.row(one), "NOW": moment})]
    for key in reversed(asked.get("sort") or ()):
        records = _sorted(table, records, key)
    if most := whole_number(asked, "maxRecords"):
        records = records[:most]
    size = min(whole_number(asked, "pageSize") or MAX_PAGE_RECORDS, MAX_PAGE_RECORDS)
    start = _start(str(asked["offset"]), now) if asked.get("offset") else 0
    only = {table.field(str(one)).id for one in asked.get("fields") or []}
    page = [shown(table, one, asked, only=only) for one in records[start : start + size]]
    answer: JsonObject = {"records": page}
    if start + size < len(records):
        answer["offset"] = f"itr{table.id}/{int(now)}/{start + size}"
    return answer


def shown(
    table: Table, record: Record, asked: Mapping[str, Any], *, only: set[str] | None = None
) -> JsonObject:
    """Return a record as an answer has it: by name or id of its fields, as values or texts."""
    is_by_id = str(asked.get("returnFieldsByFieldId", "")).lower() in ("1", "true")
    as_texts = asked.get("cellFormat") == "string"
    columns = {one.id: one for one in table.fields}
    fields = {
        columns[key].id if is_by_id else columns[key].name: _as_text(value) if as_texts else value
        for key, value in record.cells.items()
        if not only or key in only
    }
    made: JsonObject = {"id": record.id, "createdTime": record.created_at, "fields": fields}
    count = {"commentCount": len(record.comments)}
    return made | (count if "commentCount" in _metadata(asked) else {})


def whole_number(asked: Mapping[str, Any], name: str) -> int | None:
    """Return a parameter that is a whole number from 1 on, if it is given."""
    value = str(asked.get(name) or "")
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise invalid("INVALID_REQUEST_UNKNOWN", f"{name} must be a whole number from 1 on")
    return int(value)


def _check(table: Table, asked: Mapping[str, Any]) -> None:
    if (view := asked.get("view")) and view not in (FIRST_VIEW, table.view_id):
        raise invalid("VIEW_NAME_NOT_FOUND", f"View {view} not found")
    if asked.get("cellFormat") == "string" and not (
        asked.get("timeZone") and asked.get("userLocale")
    ):
        raise invalid("INVALID_REQUEST_UNKNOWN", "cellFormat string needs timeZone and userLocale")
    for key in asked.get("sort") or ():
        if not isinstance(key, dict) or "field" not in key:
            raise invalid("INVALID_SORT", "Each sort has a field")
        if key.get("direction", "asc") not in DIRECTIONS:
            raise invalid("INVALID_SORT", "direction is asc or desc")


def _metadata(asked: Mapping[str, Any]) -> Sequence[Any]:
    return asked.get("recordMetadata") or ()


def _sorted(table: Table, records: Sequence[Record], key: Mapping[str, Any]) -> list[Record]:
    """Sort by one field; empty cells stand before all others."""
    field = table.field(str(key["field"]))
    is_down = key.get("direction") == "desc"
    return sorted(records, key=lambda one: _place(field, one.cells.get(field.id)), reverse=is_down)


def _place(field: Field, value: Any) -> tuple[bool, float, str]:
    if value is None:
        return (False, 0, "")
    if field.type in NUMBERS:
        return (True, number(value), "")
    if field.type == "singleSelect":
        names = [one["name"] for one in field.options.get("choices") or ()]
        return (True, names.index(value) if value in names else len(names), "")
    return (True, 0, _as_text(value).lower())


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_as_text(one) for one in value)
    if isinstance(value, dict):
        return str(value.get("name") or value.get("email") or value.get("filename") or value)
    if isinstance(value, bool):
        return "checked" if value else ""
    return str(value)


def _start(offset: str, now: float) -> int:
    parts = offset.split("/")
    if len(parts) != 3 or not (parts[1].isdecimal() and parts[2].isdecimal()):
        raise AirtableRefusal(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "The offset is not one.")
    if now - int(parts[1]) > OFFSET_SECONDS:
        raise invalid("LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "The offset is too old.")
    return int(parts[2])
