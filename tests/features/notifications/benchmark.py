"""How soon a batch of notifications is accepted, who waits meanwhile, and statistics."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, text
from tests.benchmarks.bodies import text_body, wa_id_of
from tests.benchmarks.load import Result, send_steadily
from tests.benchmarks.replies import replies_of
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import (
    Server,
    environment,
    postgres,
    postgres_database,
    serving,
    sqlite_file,
)
from tests.benchmarks.sink import wait_for_replies

from app.runtime.event_loop import run
from domain.delivery import DeliveryStatus, StatusReport
from features.bulk.labels import Labels
from features.notifications.statistics.day_counter import look_at_days
from features.notifications.statistics.groups import GroupBy, statistics
from features.notifications.statistics.periods import Period
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade
from storage.engine.write import execute_writes
from storage.tables.deliveries import report as noted

KEY = "benchmark-key-benchmark-key-benchmark-key"
ITEMS = 1_000
#: Batches of ITEMS that are accepted one after the other, at rest.
BATCHES = 30
#: Messages of people while a batch goes out, so many a second, for how long.
HELLOS_PER_SECOND, SECONDS = 5, 20
#: Messages that statistics count, of so many templates, in so many days.
ROWS, TEMPLATES, DAYS = 1_000_000, 10, 90
RUNS = 20
#: Messages that are stored in one transaction.
AT_ONCE = 1_000
#: Statuses that are written at once, and how often, with and without counting.
STATUSES, STATUS_TURNS = 1_000, 15
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def measure(report: Report, scale: float) -> None:
    section = Section("notifications", f"Notifications: batches of {ITEMS:,}")
    report.sections.append(section)
    with sqlite_file() as url, _serving(url) as (bot, _):
        for figure in _accepted(bot, max(3, int(BATCHES * scale))):
            section.add(figure)
    with sqlite_file() as url, _serving(url) as (bot, meta):
        section.add(_beside_a_batch(bot, meta))
    _measure_statistics(report, int(ROWS * scale))


@contextmanager
def _serving(url: str) -> Iterator[tuple[Server, Server]]:
    name = "tests.features.notifications.benchmark_meta:meta"
    with serving(name) as meta:
        more = {"WP_BID": "1", "NOTIFICATIONS_API_KEY": KEY, "MESSAGES_PER_SECOND": "80"}
        settings = environment(url, meta.url, **more)
        with serving("app.main:create_app()", settings, health="/health/ready") as bot:
            time.sleep(1)  # until the templates are read
            yield bot, meta


def _accepted(bot: Server, count: int) -> Sequence[Figure]:
    """How soon batches are accepted at rest, and how long other requests wait meanwhile."""
    took, waited = Result(), Result()
    for number in range(count):
        # Released next year, so that each batch finds the bot at rest.
        body = _batch(number * ITEMS, send_at=datetime.now(UTC) + timedelta(days=20))
        with _watching(bot, waited):
            took.latencies.append(_timed(partial(_post, bot, body, str(number))))
        time.sleep(0.3)
    return (
        _figure("POST to 202, at rest", took),
        _figure("GET /health/live meanwhile", waited),
    )


@contextmanager
def _watching(bot: Server, seen: Result) -> Iterator[None]:
    """Ask the bot for its health again and again: its event loop may not stand still."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            seen.latencies.append(_timed(lambda: bot.get("/health/live")))
            time.sleep(0.005)

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    ended.set()
    thread.join()


def _beside_a_batch(bot: Server, meta: Server) -> Figure:
    people = range(ITEMS, ITEMS + HELLOS_PER_SECOND * SECONDS)
    _post(bot, _batch(0), "batch")
    bodies = [text_body(user) for user in people]
    taken = run(send_steadily(bot.url, bodies, HELLOS_PER_SECOND))
    arrived = wait_for_replies(meta, ITEMS + len(people), patience=15)
    lost = ITEMS + len(people) - arrived
    replied = replies_of(meta, taken, people)
    note = f"{lost} LOST" if lost else "all of the batch sent, once each"
    return replied.named(f"webhook to reply during a batch, 80/s; {note}")


def _batch(first: int, send_at: datetime | None = None) -> bytes:
    items = [
        {"to": f"+{wa_id_of(user)}", "template": {"parameters": ["Ana", f"A-{user}"]}}
        for user in range(first, first + ITEMS)
    ]
    defaults: dict[str, Any] = {"template": {"key": "order_update:en"}}
    if send_at is not None:
        defaults["send_at"] = send_at.isoformat()
    return json.dumps({"defaults": defaults, "items": items}).encode()


def _post(bot: Server, body: bytes, key: str) -> None:
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    request = urllib.request.Request(f"{bot.url}/api/v1/notifications", body, headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202
        answer.read()


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    with suppress(ConnectionError):
        do()
    return time.perf_counter() - began


def _figure(name: str, seen: Result) -> Figure:
    p50, p99, longest = (seen.percentile(share) for share in (0.5, 0.99, 1))
    return Figure(name, p50=p50, p99=p99, longest=longest)


def _measure_statistics(report: Report, rows: int) -> None:
    title = f"Statistics of {rows:,} messages of {TEMPLATES} templates"
    section = Section("statistics", title)
    report.sections.append(section)
    for days, asked in ((DAYS, MANY_DAYS), (1, ONE_DAY)):
        with sqlite_file() as url:
            for figure in _counted(url, "SQLite", rows, days, asked):
                section.add(figure)
        with postgres() as server, postgres_database(server) as url:
            for figure in _counted(url, "PostgreSQL", rows, days, asked):
                section.add(figure)


#: What is asked of messages of DAYS days, and of those of one day.
MANY_DAYS: Sequence[tuple[int, Sequence[GroupBy]]] = (
    (30, [GroupBy.TEMPLATE]),
    (30, [GroupBy.DAY]),
    (DAYS, [GroupBy.DAY]),
    (7, [GroupBy.HOUR]),
    (30, [GroupBy.HOUR]),
)
ONE_DAY: Sequence[tuple[int, Sequence[GroupBy]]] = (
    (1, [GroupBy.TEMPLATE]),
    (1, [GroupBy.HOUR]),
    (1, [GroupBy.HOUR, GroupBy.TEMPLATE]),
)


def _counted(
    url: str, kind: str, rows: int, days: int, asked: Sequence[tuple[int, Sequence[GroupBy]]]
) -> Iterator[Figure]:
    engine = open_engine(url)
    upgrade(engine)
    took = _fill(engine, rows, days)
    yield Figure(f"{kind}: all messages within {days} days", note=f"stored in {took:.0f} s")
    with engine.connect() as connection:
        for number, by in asked:
            title = f"{kind}: {number} of {days} days by {', '.join(by)}"
            yield _repeated(connection, title, number, by)
        if days == DAYS:
            yield _cost_of_counting(connection, kind)
            connection.rollback()
    engine.dispose()


def _cost_of_counting(connection: Connection, kind: str) -> Figure:
    """What a status costs, beside one that no trigger counts; in turns, nothing is kept."""
    took: dict[str, list[float]] = {"counted": [], "uncounted": []}
    for turn in range(STATUS_TURNS):
        for name in took:
            savepoint = connection.begin_nested()
            if name == "uncounted":
                _drop_triggers(connection)
            at = NOW + timedelta(minutes=turn)
            ids = [f"ntf_{number}" for number in range(1, 10 * STATUSES, 10)]
            told = [StatusReport(f"wamid.{id_[4:]}", DeliveryStatus.PLAYED, at, id_) for id_ in ids]
            writes = noted(told)
            began = time.perf_counter()
            execute_writes(connection, writes)
            took[name].append((time.perf_counter() - began) / STATUSES)
            savepoint.rollback()
    ratio = median(one / other for one, other in zip(*took.values(), strict=True))
    costs = [f"{median(found) * 1e6:.0f}" for found in took.values()]
    note = f"{costs[0]} µs, {costs[1]} without"
    return Figure(f"{kind}: a status, beside no counting", ratio=ratio, note=note)


def _drop_triggers(connection: Connection) -> None:
    """Drop the triggers that count deliveries, whatever their names are at present."""
    known = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'delivery'"
    of = ""
    if connection.dialect.name == "postgresql":
        known = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'delivery'::regclass"
        of = " ON delivery"
    names = connection.scalars(text(known)).all()
    assert names, "no trigger counts deliveries any more: this figure has lost its meaning"
    for name in names:
        connection.execute(text(f"DROP TRIGGER {name}{of}"))


def _repeated(connection: Connection, title: str, days: int, by: Sequence[GroupBy]) -> Figure:
    period = Period("default", NOW - timedelta(days=days), NOW, NOW)
    seen, busy = Result(), []
    for _ in range(RUNS + 1):
        began = time.process_time()
        seen.latencies.append(_timed(lambda: statistics(connection, period, by)))
        busy.append(time.process_time() - began)
    del seen.latencies[0], busy[0]  # the statements are compiled, and the pages read
    figure = _figure(title, seen)
    note = f"{median(busy) * 1e3:.0f} ms of processor time in this process"
    return Figure(title, p50=figure.p50, p99=figure.p99, longest=figure.longest, note=note)


def _numbers(connection: Connection, first: int, last: int) -> str:
    """Return a table `n` of the numbers from `first` to `last`."""
    if connection.dialect.name == "postgresql":
        return f"generate_series({first}, {last}) AS n(i)"
    more = f"SELECT {first} UNION ALL SELECT i + 1 FROM m WHERE i < {last}"
    return f"(WITH RECURSIVE m(i) AS ({more}) SELECT i FROM m) AS n"


def _fill(engine: Engine, rows: int, days: int) -> float:
    """Store messages at even distances: nine of ten were delivered, half of these read.

    The hours that are over are put together, as the bot does. Return how many seconds it took to
    store the messages.
    """
    labels = [
        Labels("default", "1", "api", f"template_{number}", "en", "UTILITY")
        for number in range(TEMPLATES)
    ]
    ids = " ".join(f"WHEN {place} THEN {one.id}" for place, one in enumerate(labels))
    at = f"({NOW.timestamp() - days * 86_400} + n.i * {days * 86_400.0 / rows})"
    insert = (
        "INSERT INTO delivery (id, wamid, user_key, kind, status, rank, error_code, "
        "pricing, created_at, accepted_at, delivered_at, read_at, failed_at, label, "
        "counted_at) SELECT 'ntf_' || n.i, 'wamid.' || n.i, 'person', 'template', "
        "CASE WHEN n.i % 10 = 0 THEN 'failed' WHEN n.i % 2 = 0 THEN 'read' "
        "ELSE 'delivered' END, 4, CASE WHEN n.i % 10 = 0 THEN 131026 END, "
        f"'regular', {at}, {at} + 1, CASE WHEN n.i % 10 > 0 THEN {at} + 2 + n.i % 30 END, "
        f"CASE WHEN n.i % 10 > 0 AND n.i % 2 = 0 THEN {at} + 60 + n.i % 600 END, "
        f"CASE WHEN n.i % 10 = 0 THEN {at} + 2 END, "
        f"CASE n.i % {len(labels)} {ids} END, {at} FROM "
    )
    began = time.perf_counter()
    with engine.begin() as connection:
        execute_writes(connection, [one.write() for one in labels])
    for first in range(0, rows, AT_ONCE):
        with engine.begin() as connection:
            numbers = _numbers(connection, first, min(first + AT_ONCE, rows) - 1)
            connection.execute(text(insert + numbers))
    took = time.perf_counter() - began
    with engine.begin() as connection:
        while look_at_days(connection, NOW):
            pass
    vacuum = "VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(vacuum))
    return took
