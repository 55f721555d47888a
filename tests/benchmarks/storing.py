"""What storing a message costs beside reading it: the least that any durable intake has to do."""

import json
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.bodies import message, texts_body, wa_id_of
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.database_templates import make_file

from schemas.webhook_schema import WebhookMessage
from utils.gc_tuning import tuned_gc

ROUNDS = 9
#: Messages of one round, in bodies of as many as a POST has.
MESSAGES = 10_000
PER_POST = (1, 10, 1000)
ADD_JOB = (
    "INSERT INTO job (lane, key, kind, body, created_at) VALUES (?, ?, 'message', ?, ?) "
    "ON CONFLICT (key) DO NOTHING"
)
ADD_LANE = (
    "INSERT INTO lane (name, pool, ready_at, priority) VALUES (?, 'in', ?, 0) "
    "ON CONFLICT (name) DO UPDATE SET ready_at = min(coalesce(ready_at, excluded.ready_at), "
    "excluded.ready_at)"
)

FIND_PEOPLE = "SELECT wa_id, key FROM users WHERE wa_id IN (SELECT value FROM json_each(?))"


def measure(report: Report, scale: float) -> None:
    """Read bodies into the schema; encode, look up and insert with nothing but json and sqlite3."""
    section = Section("storing", "Processor time of one message, in microseconds")
    report.sections.append(section)
    count = max(PER_POST[-1], int(MESSAGES * scale))
    with TemporaryDirectory() as folder, tuned_gc():
        connection = _database(Path(folder) / "bot.db", count)
        inserted = _microseconds(partial(_insert, connection, count=count), count)
        found = _microseconds(partial(_look_up, connection, count=count), count)
        connection.close()
        encoded = _microseconds(partial(_encode, count=count), count)
        needed = f"encoded {encoded:.1f}  person found {found:.1f}  inserted {inserted:.1f}"
        for per_post in PER_POST:
            read = _microseconds(partial(_read, per_post=per_post, count=count), count)
            section.add(Figure(f"{per_post:,} per POST", note=f"read {read:4.1f}  {needed}"))


def _microseconds(run: Callable[[int], None], count: int) -> float:
    """Return the least time of some rounds, for one message."""
    times: list[float] = []
    for number in range(ROUNDS):
        began = time.process_time()
        run(number)
        times.append(time.process_time() - began)
    return min(times) / count * 1e6


def _read(number: int, *, per_post: int, count: int) -> None:
    body = texts_body(per_post, number, count)
    for _ in range(count // per_post):
        WebhookMessage.read(json.loads(body))


def _database(file: Path, count: int) -> sqlite3.Connection:
    make_file(file)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    people = ((f"{one}", wa_id_of(one)) for one in range(count))
    connection.executemany("INSERT INTO users (key, wa_id) VALUES (?, ?)", people)
    return connection


def _insert(connection: sqlite3.Connection, number: int, *, count: int) -> None:
    body = json.dumps({"message": json.loads(texts_body(1, 0, 1))["entry"][0]["changes"][0]})
    people = range(count)
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        ADD_JOB, ((f"in:1:{one}", f"{number}.{one}", body, time.time()) for one in people)
    )
    connection.executemany(ADD_LANE, ((f"in:1:{one}", time.time()) for one in people))
    connection.execute("COMMIT")


def _look_up(connection: sqlite3.Connection, _number: int, *, count: int) -> None:
    names = json.dumps([wa_id_of(one) for one in range(count)])
    connection.execute(FIND_PEOPLE, (names,)).fetchall()


def _encode(_number: int, *, count: int) -> None:
    received = message(1, 1)
    for _ in range(count):
        json.dumps(received)
