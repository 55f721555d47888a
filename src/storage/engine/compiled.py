"""Statements that are built and compiled once: SQLAlchemy's expressions at the price of plain SQL.

Building, caching and filling in a statement costs SQLAlchemy more than SQLite needs to run it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Select,
    String,
    Table,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert as Postgres
from sqlalchemy.dialects.sqlite import Insert as SQLite
from sqlalchemy.sql.expression import Delete, Insert, Update
from sqlalchemy.types import TypeEngine

from storage.engine.database import insert_for

#: Rows of an INSERT of SQLite: a statement for each row costs more than most rows do.
TOGETHER = 50
_VALUES = re.compile(r" VALUES (\(\?(?:, \?)*\))")
#: The parameter of an INSERT that holds all of its rows.
ROWS = "rows"

Statement = Select[Any] | Insert | Update | Delete
Processor = Callable[[Any], Any]


class CompiledStatement:
    """A statement to run often. `build` makes it, given the name of the dialect.

    A list of any length is one parameter, see `listed`: the text stays the same. So are the rows
    of `insert_rows` on PostgreSQL.
    """

    def __init__(self, build: Callable[[str], Statement], name: str | None = None) -> None:
        self._build = build
        #: unique per statement; statements of one transaction run in this order
        self.name = name or f"{build.__module__}.{build.__qualname__}"
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it once; returns how many rows it changed."""
        text = self._text(connection.dialect)
        return connection.exec_driver_sql(text.sql, text.parameters(values)).rowcount

    def run_many(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each row; without rows, not at all."""
        text = self._text(connection.dialect)
        if text.takes_rows:
            if found := list(rows):
                given = text.parameters({ROWS: json.dumps(found)})
                connection.exec_driver_sql(text.sql, given)
        elif parameters := [text.parameters(row) for row in rows]:
            whole = len(parameters) - len(parameters) % TOGETHER if text.together else 0
            for first in range(0, whole, TOGETHER):
                given = chain.from_iterable(parameters[first : first + TOGETHER])
                connection.exec_driver_sql(text.together, tuple(given))
            if parameters[whole:]:
                connection.exec_driver_sql(text.sql, parameters[whole:])

    def fetch(self, connection: Connection, **values: Any) -> Sequence[Any]:
        """Return the rows; those of a SELECT have the types of its columns."""
        text = self._text(connection.dialect)
        result = connection.exec_driver_sql(text.sql, text.parameters(values))
        if text.readers is None:
            text.readers = _readers(text.columns, connection.dialect, result)
        rows = result.all()
        return [text.typed(row) for row in rows] if text.readers else rows

    def _text(self, dialect: Dialect) -> "_Text":
        found = self._texts.get(dialect.name)
        if found is None:
            found = self._texts[dialect.name] = _compile(self._build(dialect.name), dialect)
        return found


@dataclass(slots=True)
class _Text:
    """A compiled statement."""

    sql: str
    constants: Mapping[str, Any]
    #: names of the parameters in order, where the driver takes no names
    order: Sequence[str] | None
    #: translations of parameters by their types, by name
    writers: Mapping[str, Processor]
    columns: Sequence[ColumnElement[Any]]
    #: whether all rows go into one parameter
    takes_rows: bool
    #: the INSERT of `TOGETHER` rows; empty if it cannot take several
    together: str
    #: translations of columns by their types, by place; known after the first run
    readers: Mapping[int, Processor] | None = None

    def parameters(self, values: Mapping[str, Any]) -> Any:
        if self.constants or self.writers:
            values = {**self.constants, **values}
            for name, write in self.writers.items():
                values[name] = write(values[name])
        return values if self.order is None else tuple([values[name] for name in self.order])

    def typed(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, read in (self.readers or {}).items():
            values[place] = read(values[place])
        return values


def _compile(statement: Statement, dialect: Dialect) -> _Text:
    compiled = statement.compile(dialect=dialect)
    writers = {
        name: processor
        for parameter, name in compiled.bind_names.items()
        if (processor := parameter.type.dialect_impl(dialect).bind_processor(dialect))
    }
    constants = {
        name: writers.pop(name)(value) if name in writers else value
        for name, value in compiled.params.items()
        if value is not None  # of those without a value, it comes with each run
    }
    columns = list(statement.selected_columns) if isinstance(statement, Select) else []
    takes_rows = ROWS in compiled.binds
    sql, order = str(compiled), compiled.positiontup
    together = _together(sql) if dialect.name == "sqlite" and isinstance(statement, Insert) else ""
    return _Text(sql, constants, order, writers, columns, takes_rows, together)


def _together(sql: str) -> str:
    """Return an INSERT of one row as one of `TOGETHER` rows; empty if it has more parameters."""
    values = _VALUES.search(sql)
    if values is None or values[1].count("?") != sql.count("?"):
        return ""
    more = f", {values[1]}" * (TOGETHER - 1)
    return f"{sql[: values.end()]}{more}{sql[values.end() :]}"


def _readers(
    columns: Sequence[ColumnElement[Any]], dialect: Dialect, result: CursorResult[Any]
) -> Mapping[int, Processor]:
    codes = [each[1] for each in result.cursor.description] if result.cursor else []
    return {
        place: processor
        for place, (column, code) in enumerate(zip(columns, codes, strict=False))
        if (processor := column.type.dialect_impl(dialect).result_processor(dialect, code))
    }


def insert_rows(dialect: str, table: Table, names: Sequence[str]) -> Postgres | SQLite:
    """Return an INSERT of rows of plain values, by name, for `CompiledStatement.run_many`.

    Times are seconds since 1970, as the databases have them.
    PostgreSQL takes all rows in one statement, as a JSON text, and inserts them in their order,
    which saves most of the work.
    """
    new = insert_for(dialect, table)
    if dialect == "sqlite":
        return new.values({name: bindparam(name, type_=String) for name in names})
    rows = func.json_to_recordset(cast(bindparam(ROWS, type_=String), JSON))
    given = rows.table_valued(*(column(name, table.c[name].type) for name in names))
    return new.from_select(names, select(*given.render_derived(with_types=True).c))


def listed(dialect: str, name: str, type_: TypeEngine[Any]) -> Select[Any]:
    """Return a SELECT of the values of a list, which one parameter holds (see `as_list`)."""
    text = bindparam(name, type_=String)
    if dialect == "sqlite":
        return select(func.json_each(text).table_valued("value").c.value)
    each = func.json_array_elements_text(cast(text, JSON)).table_valued("value")
    return select(cast(each.c.value, type_).label("value"))


def as_list(values: Iterable[str] | Iterable[int]) -> str:
    """Return the JSON text of a list, as the parameter of `listed`."""
    return json.dumps(list(values))
