"""A column with a JSON object, whose names are set and removed one by one inside a statement."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
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


def change_json(
    key: Column[Any],
    row_key: str,
    values: Mapping[str, Any],
    *,
    column: Column[Any],
    names: Mapping[str, Any],
) -> Write:
    """Set some columns of the row with this key, and some names of the object in another column.

    A name whose value is None is removed. Values are replaced as a whole on both databases.
    """
    put, removed, parameters = name_parameters(names)
    row = {"row_key": row_key, **{f"new_{name}": value for name, value in values.items()}}
    statement = _change_of(key, tuple(sorted(values)), column, put, removed)
    return Write(statement, [row | parameters])


@cache
def _change_of(
    key: Column[Any], names: tuple[str, ...], column: Column[Any], put: int, removed: int
) -> CompiledStatement:
    def build(dialect: str) -> Update:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        values[column.key] = changed_names(dialect, column, put=put, removed=removed)
        return update(key.table).where(key == bindparam("row_key")).values(values)

    return CompiledStatement(build, name=f"{key.table}.change({','.join(names)},+{put}-{removed})")


def changed_names(
    dialect: str, column: Column[dict[str, Any]], *, put: int, removed: int
) -> ColumnElement[Any]:
    """Return the object of a column after `put` names are set and `removed` names are removed.

    Parameters, see `name_parameters`: put_0, json_0, put_1, json_1 ... removed_0, removed_1 ...
    SQLite's json_patch would merge objects inside each other, and lose the nulls inside them.
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
