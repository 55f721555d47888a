"""No statement of the engine reads more rows than it needs, however many there are.

Each runs in tables that are full: SQLite counts the steps of its virtual machine, PostgreSQL the
rows that each part of the plan touched, planned with and without the values of the parameters.
"""

import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

import pytest
from psycopg.sql import Literal
from sqlalchemy import ARRAY, BindParameter, Connection, Engine, Table, event, text

import jobs
import storage
from app.composition.health import MAX_COUNTED
from jobs import inspection, maintenance
from jobs.lease import Claim
from jobs.model import JobState
from jobs.tables import job, lane, timer
from storage.engine.compiled import ROWS, CompiledStatement, as_list
from storage.engine.database import UtcTimestamp, open_engine
from storage.person_rows import purge_batch
from storage.tables.deliveries import KEEP_DELIVERIES, delivery

#: Rows of each table: so many that reading all of them shows.
ROWS_EACH = 20_000
NOW = 2e9
#: Most rows that a part of a plan touches, and most steps: a batch of retention is 500 rows.
MOST_ROWS, MOST_STEPS = 2_500, 60_000

#: A function that runs statements.
Run = Callable[[Connection], Any]

LANE = "in:1:42"
#: Values of parameters by name, where their type does not say enough.
GIVEN: dict[str, Any] = {
    "limit": 10,
    "now": NOW,
    "of": LANE,
    "lane": LANE,
    "after": LANE,
    "until": NOW + 30,
    "latest": NOW + 5,
    "on": NOW + 1,
    **{name: as_list([LANE, "in:1:43"]) for name in ("names", "lanes", "keys", "hashes")},
    "pools": as_list(["in", "out"]),
    "ids": as_list([42, 43]),
}
#: The modules of statements that only PostgreSQL knows.
ONLY_ON_POSTGRESQL = ("jobs.absence.",)
#: Those of single statements.
GIVEN_TO = {"jobs.statements.fail_job": {"of": 42}}

#: What is stored in the columns that statements look at; `i` counts the rows.
STORED = {
    lane.c.name: "'in:1:' || i",
    lane.c.pool: "CASE WHEN i % 3 = 0 THEN 'out' ELSE 'in' END",
    lane.c.priority: "i % 2",
    lane.c.ready_at: "1e9 + i",
    lane.c.used_at: "1e9 + i",
    lane.c.state: "'{}'",
    job.c.body: "'{}'",
    timer.c.body: "'{}'",
    job.c.lane: "'in:1:' || i",
    job.c.state: "CASE WHEN i % 2 = 0 THEN 0 WHEN i % 1000 = 1 THEN 2 ELSE 1 END",
    job.c.created_at: "2e9 + i",
    timer.c.lane: "'in:1:' || i",
    timer.c.due_at: "1e9 + i",
    delivery.c.created_at: "2e9 + i",
}


def example(parameter: Any) -> Any:
    """Return a value of the type of a column or a parameter."""
    if isinstance(parameter.type, UtcTimestamp):
        return datetime.fromtimestamp(NOW, UTC)
    values = {str: "x", int: 1, float: 1.0, bool: False, date: date(2000, 1, 1)}
    return values.get(parameter.type.python_type)


Kind = TypeVar("Kind")


def all_of(kind: type[Kind]) -> list[Kind]:
    """Return the statements, or the tables, that modules of `jobs` and `storage` have."""
    names = [
        name
        for package in (jobs, storage)
        for _, name, _ in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if "migrations" not in name
    ]
    found = [one for name in names for one in vars(import_module(name)).values()]
    return list({id(one): one for one in found if isinstance(one, kind)}.values())


def values_for(statement: CompiledStatement, connection: Connection) -> Mapping[str, Any]:
    """Return values for all parameters of a statement."""
    built = statement._build(connection.dialect.name)
    binds: Mapping[str, BindParameter[Any]] = built.compile(dialect=connection.dialect).binds
    if ROWS in binds:
        table = built.table  # type: ignore[union-attr]
        row = {one.name: GIVEN.get(one.name, example(one)) for one in table.c}
        return {ROWS: json.dumps([row], default=str)}
    named = GIVEN | GIVEN_TO.get(statement.name, {})
    open_ = {name: one for name, one in binds.items() if one.value is None}
    return {
        name: ["in", "out"] if isinstance(one.type, ARRAY) else named.get(name) or example(one)
        for name, one in open_.items()
    }


def run_compiled(statement: CompiledStatement, connection: Connection) -> None:
    prepared = statement._text(connection.dialect)
    given = prepared.parameters(values_for(statement, connection))
    connection.exec_driver_sql(prepared.sql, given)


def everything(kind: str) -> dict[str, Run]:
    """Return what is run: each statement, and the functions that build theirs as they go."""
    week = timedelta(days=8)
    found: dict[str, Run] = {
        one.name: partial(run_compiled, one)
        for one in all_of(CompiledStatement)
        if kind == "postgresql" or not one.name.startswith(ONLY_ON_POSTGRESQL)
    }
    counted = {"most": MOST_ROWS // 2}
    assert MAX_COUNTED <= 100_000
    functions: dict[str, Run] = {
        "claim": lambda c: Claim.run([Claim(("in", "out"), 10, 30)], c, NOW),
        "count": lambda c: maintenance.count_jobs(c, JobState.TODO, **counted),
        "count dead": lambda c: maintenance.count_jobs(c, JobState.DEAD, **counted),
        "lag": lambda c: maintenance.lag(c, NOW, pools=("in", "out")),
        "unserved": lambda c: maintenance.count_unserved(c, NOW, pools=("in", "out")),
        "purge": lambda c: maintenance.purge_done_jobs(c, NOW, keep=week, after=0),
        "empty": lambda c: maintenance.empty_unused_lanes(
            c, NOW, kept_pools=("out",), keep=week, after=LANE
        ),
        "purge dead letters": lambda c: maintenance.purge_dead_letters(c, NOW, keep=week),
        "retry": lambda c: inspection.retry_dead_letters(c, NOW, ids=[1, 2]),
        "purge deliveries": lambda c: purge_batch(
            c, NOW, keep=KEEP_DELIVERIES, at=delivery.c.created_at
        ),
    }
    return found | functions


def fill(connection: Connection, table: Table) -> None:
    """Store rows; ids that are counted up are left to the database."""
    columns = [one for one in table.c if one is not table.autoincrement_column]
    values = ", ".join(STORED.get(one, _stored(one)) for one in columns)
    names = ", ".join(f'"{one.name}"' for one in columns)
    series = f"SELECT 1 AS i UNION ALL SELECT i + 1 FROM g WHERE i < {ROWS_EACH}"
    rows = f"WITH RECURSIVE g AS ({series}) SELECT {values} FROM g"
    connection.execute(text(f"INSERT INTO {table.name} ({names}) {rows}"))


def _stored(column: Any) -> str:
    if isinstance(column.type, UtcTimestamp):
        return "i"
    others = {int: "0", bool: "false", date: "date('2000-01-01')", float: "i", bytes: "'a'"}
    return others.get(column.type.python_type, f"'{column.name}' || i")


@pytest.fixture
def full(migrated_url: str) -> Iterator[Engine]:
    """A database with many rows in each table of the core."""
    engine = open_engine(migrated_url, synchronous="OFF")
    with engine.begin() as connection:
        for table in all_of(Table):
            fill(connection, table)
        connection.execute(text("ANALYZE"))
    yield engine
    engine.dispose()


def test_no_statement_reads_more_than_it_needs(full: Engine, kind: str) -> None:
    look = steps_of if kind == "sqlite" else rows_of
    most = MOST_STEPS if kind == "sqlite" else MOST_ROWS
    with full.connect() as connection:
        found = {name: look(connection, run) for name, run in everything(kind).items()}
    assert len(found) > 40
    assert {name: cost for name, cost in found.items() if cost > most} == {}


def steps_of(connection: Connection, run: Run) -> int:
    """Return how many steps of SQLite's virtual machine it takes, in hundreds."""
    driver: Any = connection.connection.driver_connection
    count = 0

    def step() -> None:
        nonlocal count
        count += 100

    driver.set_progress_handler(step, 100)
    with rolled_back(connection):
        run(connection)
    driver.set_progress_handler(None, 0)
    return count


def rows_of(connection: Connection, run: Run) -> int:
    """Return the most rows that a part of one of its plans touches."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        seen.append((sql, parameters))

    event.listen(connection, "before_cursor_execute", note)
    with rolled_back(connection):
        run(connection)
    event.remove(connection, "before_cursor_execute", note)
    modes = ("force_custom_plan", "force_generic_plan")
    return max(explained(connection, mode, *one) for one in seen for mode in modes)


def explained(connection: Connection, mode: str, sql: str, parameters: Any) -> int:
    """Run it as a prepared statement that is planned in this way."""
    given = parameters[0] if isinstance(parameters, list) else parameters
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    numbered = re.sub(r"%\((\w+)\)s", lambda match: f"${names.index(match[1]) + 1}", sql)
    values = ", ".join(Literal(given[name]).as_string(None) for name in names)
    with rolled_back(connection):
        driver: Any = connection.connection.driver_connection
        driver.execute(f"SET LOCAL plan_cache_mode = {mode}")
        driver.execute("SET LOCAL enable_seqscan = off")  # as if there were millions of rows
        driver.execute(f"PREPARE one AS {numbered.replace('%%', '%')}")
        call = f"one({values})" if names else "one"
        [[plan]] = driver.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {call}").fetchall()
        driver.execute("DEALLOCATE one")
    return max(touched(plan[0]["Plan"]))


def touched(node: Mapping[str, Any]) -> Iterator[int]:
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    yield round(rows * node["Actual Loops"])
    for part in node.get("Plans", ()):
        yield from touched(part)


@contextmanager
def rolled_back(connection: Connection) -> Iterator[None]:
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()
