"""Which column of Airtable fits a type of a form, and how its cells are written and read.

The type's JSON schema decides: https://docs.pydantic.dev/latest/concepts/json_schema
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.json import JsonObject
from features.airtable.received_text import received_text
from flow_engine import SavedField
from flow_engine.field_types import received_types, takes_text
from services.operator_tables import DAY, MOMENT, TICK, WHOLE, FieldSchema, Owner, choices

#: Longest text of one line, in characters; a longer one gets a field of many lines.
MAX_LINE_CHARS = 255
#: Columns by the format of a text.
_BY_FORMAT: Mapping[str, tuple[str, JsonObject]] = {
    "date": ("date", DAY),
    "date-time": ("dateTime", MOMENT),
    "email": ("email", {}),
    "uri": ("url", {}),
    "phone": ("phoneNumber", {}),
    "attachment": ("multipleAttachments", {}),
}
_DECIMALS: JsonObject = {"precision": 2}


@dataclass(frozen=True, slots=True)
class Column:
    """The column of a saved field."""

    title: str
    field: SavedField
    schema: FieldSchema

    def to_cell(self, value: Any) -> Any:
        """Return a stored value as a cell; what the column cannot hold is left out."""
        if value is None or value == "":
            return None
        match self.schema.type:
            case "number":
                return _number(value)
            case "checkbox":
                return value in (True, "yes", "true", "True")
            case "multipleSelects":
                return [str(one) for one in value] if isinstance(value, list) else [str(value)]
            case "multipleAttachments":
                return _attachments(value)
        if isinstance(value, Mapping):
            return received_text(value)
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    @property
    def is_received(self) -> bool:
        """Whether a person sends it, and does not type it: a file, a place, a contact."""
        return bool(received_types(self.field.annotation))

    def is_upload(self, value: Any) -> bool:
        """Return whether an answer is a file that the column has as an attachment."""
        return self.schema.type == "multipleAttachments" and isinstance(value, Mapping)

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        """Return the answer of a cell; pydantic's ValidationError if it breaks the form's rules."""
        is_tick = self.schema.type == "checkbox"
        return {self.field.name: self.field.parse_cell(bool(cell) if is_tick else cell)}


def columns_of(fields: Sequence[SavedField], taken: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return a column for each field; `taken` are names of other columns of the table."""
    return tuple(
        _column(field, title) for field, title in zip(fields, _titles(fields, taken), strict=True)
    )


def cells_of(columns: Sequence[Column], answers: Mapping[str, Any]) -> JsonObject:
    """Return the cells of answers; files are uploaded by themselves, and left as they are."""
    given = [(one, answers.get(one.field.name)) for one in columns]
    return {one.title: one.to_cell(value) for one, value in given if not one.is_upload(value)}


def title_of(name: str) -> str:
    """Return the name of a field or a table as operators read it: "full_name", "Full name"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _titles(fields: Sequence[SavedField], taken: Sequence[str]) -> Iterator[str]:
    others = {name.casefold() for name in taken}
    for field in fields:
        title = title_of(field.name)
        yield f"{title} (answer)" if title.casefold() in others else title


def _column(field: SavedField, title: str) -> Column:
    type_, options = _type_of(field.schema)
    if received_types(field.annotation) and takes_text(field.annotation):
        type_, options = "multilineText", {}
    return Column(title, field, FieldSchema(title, type_, Owner.BOT, options))


def _type_of(schema: Mapping[str, Any]) -> tuple[str, JsonObject]:
    found = _core(schema, schema.get("$defs", {}))
    if names := _choices(found):
        return "singleSelect", choices(*names)
    match found.get("type"):
        case "boolean":
            return "checkbox", TICK
        case "integer":
            return "number", WHOLE
        case "number":
            return "number", _DECIMALS
        case "array":
            names = _choices(_core(found.get("items") or {}, schema.get("$defs", {})))
            return ("multipleSelects", choices(*names)) if names else ("multilineText", {})
    if column := _BY_FORMAT.get(str(found.get("format"))):
        return column
    is_long = found.get("maxLength", 0) > MAX_LINE_CHARS or found.get("type") == "object"
    return ("multilineText" if is_long else "singleLineText"), {}


def _core(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema without `| None`, and what a reference leads to."""
    for name in ("anyOf", "oneOf"):
        others = [one for one in schema.get(name, ()) if one.get("type") != "null"]
        if name in schema and others:
            numbers = [one for one in others if one.get("type") in ("number", "integer")]
            return _core((numbers or others)[0], definitions)  # a Decimal may be a text, too
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        return _core({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, definitions)
    return schema


def _choices(schema: Mapping[str, Any]) -> list[str]:
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return [str(value) for value in values if value is not None]


def _number(value: Any) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _attachments(value: Any) -> list[dict[str, str]]:
    """Airtable copies files from addresses that it can reach."""
    urls = value if isinstance(value, list) else [value]
    return [{"url": str(url)} for url in urls if str(url).startswith(("http://", "https://"))]
