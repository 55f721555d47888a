"""A column with a JSON object, whose names are set and removed one by one inside a statement."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Text,
    bindparam,
    cast,
    func,
    literal,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from utils.storable_text import strip_unstorable


class JsonText(TypeDecorator[dict[str, Any]]):
    """A JSON object, stored as text; NULL instead of an empty one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Any) -> str | None:
        return encoded(dict(value)) if value else None

    def process_result_value(self, value: str | None, dialect: Any) -> dict[str, Any] | None:
        return None if value is None else dict(json.loads(value))


def encoded(value: Any) -> str:
    """Return the JSON text of a value, as both databases can hold it."""
    return json.dumps(_storable(value), allow_nan=False)


def changed_names(
    dialect: str, column: Column[dict[str, Any]], *, put: int, removed: int
) -> ColumnElement[Any]:
    """Return the object of a column after `put` names are set and `removed` names are removed.

    Parameters, see `name_parameters`: put_0, json_0, put_1, json_1 ... removed_0, removed_1 ...
    Values are replaced as a whole on both databases. SQLite's json_patch would merge objects inside
    each other, and lose the nulls inside them.
    """
    old = func.coalesce(type_coerce(column, Text), "{}")
    build = _changed_by_sqlite if dialect == "sqlite" else _changed_by_postgres
    return func.nullif(build(old, put, removed), "{}")


def name_parameters(values: Mapping[str, Any]) -> tuple[int, int, dict[str, str]]:
    """Return (`put`, `removed`, the parameters) for `changed_names`; None removes a name."""
    put = [(name, value) for name, value in sorted(values.items()) if value is not None]
    removed = [name for name, value in sorted(values.items()) if value is None]
    parameters = {f"removed_{place}": name for place, name in enumerate(removed)}
    for place, (name, value) in enumerate(put):
        parameters |= {f"put_{place}": name, f"json_{place}": encoded(value)}
    return len(put), len(removed), parameters


def _changed_by_sqlite(old: ColumnElement[str], put: int, removed: int) -> ColumnElement[Any]:
    values: list[Any] = []
    for place in range(put):
        values += [_path(f"put_{place}"), func.json(bindparam(f"json_{place}", type_=String))]
    paths = [_path(f"removed_{place}") for place in range(removed)]
    return func.json_remove(func.json_set(old, *values), *paths)


def _changed_by_postgres(old: ColumnElement[str], put: int, removed: int) -> ColumnElement[Any]:
    found: ColumnElement[Any] = cast(old, JSONB)
    for place in range(put):
        value = cast(bindparam(f"json_{place}", type_=String), JSONB)
        found = found.op("||")(func.jsonb_build_object(_name(f"put_{place}"), value))
    for place in range(removed):
        found = found.op("-")(_name(f"removed_{place}"))
    return cast(found, Text)


def _path(name: str) -> ColumnElement[str]:
    return literal('$."') + bindparam(name, type_=String) + literal('"')


def _name(name: str) -> ColumnElement[str]:
    return cast(bindparam(name, type_=String), Text)


def _storable(value: Any) -> Any:
    """The same value; PostgreSQL refuses NUL and halves of characters in any of its texts."""
    if isinstance(value, str):
        return strip_unstorable(value)
    if isinstance(value, Mapping):
        return {strip_unstorable(str(name)): _storable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return value
