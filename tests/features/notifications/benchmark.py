"""How soon a batch of notifications is accepted, who waits meanwhile, and statistics."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
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
from features.bulk.labels import Labels
from features.notifications.statistics.counts import Period
from features.notifications.statistics.day_counter import MAX_DAYS, look_at_days
from features.notifications.statistics.groups import GroupBy, statistics
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade
from storage.engine.write import execute_writes

KEY = "benchmark-key-benchmark-key-benchmark-key"
ITEMS = 1_000
#: Batches of ITEMS that are accepted one after the other, at rest.
BATCHES = 30
#: Messages of people while a batch goes out, so many a second, for how long.
HELLOS_PER_SECOND, SECONDS = 5, 20
#: Messages that statistics count, of so many templates, in so many days.
ROWS, TEMPLATES, DAYS = 1_000_000, 10, 90
RUNS = 20
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
    title = f"Statistics of {rows:,} messages of a business in {DAYS} days, {TEMPLATES} templates"
    section = Section("statistics", title)
    report.sections.append(section)
    with sqlite_file() as url:
        section.figures += _counted(url, "SQLite", rows)
    with postgres() as server, postgres_database(server) as url:
        section.figures += _counted(url, "PostgreSQL", rows)


def _counted(url: str, kind: str, rows: int) -> Sequence[Figure]:
    engine = open_engine(url)
    upgrade(engine)
    _fill(engine, rows)
    found = []
    with engine.connect() as connection:
        for days, by in ((30, GroupBy.TEMPLATE), (30, GroupBy.DAY), (DAYS, GroupBy.DAY)):
            name = f"{kind}: {days} days by {by}"
            found.append(_figure(name, _repeated(connection, days, [by])))
        connection.execute(text("UPDATE delivery_day SET state = 0"))
        name = f"{kind}: 30 days by template, if no day were counted"
        found.append(_figure(name, _repeated(connection, 30, [GroupBy.TEMPLATE])))
        connection.rollback()
    engine.dispose()
    return found


def _repeated(connection: Connection, days: int, by: list[GroupBy]) -> Result:
    period = Period("default", NOW - timedelta(days=days), NOW, NOW)
    seen = Result()
    for _ in range(RUNS + 1):
        seen.latencies.append(_timed(lambda: statistics(connection, period, by)))
    del seen.latencies[0]  # the statements are compiled, and the pages read
    return seen


def _fill(engine: Engine, rows: int) -> None:
    """Messages at even distances: nine of ten were delivered, half of these read."""
    labels = [
        Labels("default", "1", "api", f"template_{number}", "en", "UTILITY")
        for number in range(TEMPLATES)
    ]
    ids = " ".join(f"WHEN {place} THEN {one.id}" for place, one in enumerate(labels))
    numbers = (
        f"generate_series(0, {rows - 1}) AS n(i)"
        if engine.dialect.name == "postgresql"
        else f"(WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m "
        f"WHERE i < {rows - 1}) SELECT i FROM m) AS n"
    )
    at = f"({NOW.timestamp() - DAYS * 86_400} + n.i * {DAYS * 86_400.0 / rows})"
    with engine.begin() as connection:
        execute_writes(connection, [one.write() for one in labels])
        connection.execute(
            text(
                "INSERT INTO delivery (id, wamid, user_key, kind, status, rank, error_code, "
                "pricing, created_at, accepted_at, delivered_at, read_at, failed_at, label, "
                "counted_at) SELECT 'ntf_' || n.i, 'wamid.' || n.i, 'person', 'template', "
                "CASE WHEN n.i % 10 = 0 THEN 'failed' WHEN n.i % 2 = 0 THEN 'read' "
                "ELSE 'delivered' END, 4, CASE WHEN n.i % 10 = 0 THEN 131026 END, "
                f"'regular', {at}, {at} + 1, CASE WHEN n.i % 10 > 0 THEN {at} + 2 + n.i % 30 END, "
                f"CASE WHEN n.i % 10 > 0 AND n.i % 2 = 0 THEN {at} + 60 + n.i % 600 END, "
                f"CASE WHEN n.i % 10 = 0 THEN {at} + 2 END, "
                f"CASE n.i % {len(labels)} {ids} END, {at} FROM {numbers}"
            )
        )
        for _ in range(2 + DAYS * TEMPLATES // MAX_DAYS):
            execute_writes(connection, look_at_days(connection, NOW))
    vacuum = "VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(vacuum))
