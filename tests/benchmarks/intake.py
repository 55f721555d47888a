"""How fast webhooks are taken in, beside what takes them in and stores nothing.

pywa reads only the first message of each POST; the others read all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from statistics import median

from tests.benchmarks.bodies import mixed_body, request, text_body, texts_body
from tests.benchmarks.load import Result, send_all
from tests.benchmarks.pywa import installed, serving_pywa
from tests.benchmarks.report import Report, Section, figure_of
from tests.benchmarks.serving import (
    Postgres,
    Server,
    environment,
    postgres,
    postgres_database,
    serving,
    sqlite_file,
)

from app.runtime.event_loop import run

PEOPLE = 1_000
WARM_UP = 200
#: Short ones, turn about, between servers that all stay up: what slows the machine down for a
#: while hits each of them.
ROUNDS = 25

INTAKE = "tests.benchmarks.apps:create_intake()"
#: name -> (number of a body -> the body, how many of them in a round)
SHAPES: dict[str, tuple[Callable[[int], bytes], int]] = {
    "1 message per POST": (lambda n: text_body(n % PEOPLE, n), 1_500),
    "3 statuses to 1 message, one per POST": (lambda n: mixed_body(n, PEOPLE), 1_500),
    "10 messages per POST (pywa reads one of them)": (lambda n: texts_body(10, n, PEOPLE), 300),
    "1,000 messages per POST (pywa reads one of them)": (
        lambda n: texts_body(1_000, n, PEOPLE),
        10,
    ),
}


def measure(report: Report, scale: float) -> None:
    """The first of the servers is the measure of the others."""
    rounds = max(3, int(ROUNDS * scale))
    with postgres() as database_server:
        for name, (body, count) in SHAPES.items():
            section = Section("intake", f"Webhook intake in POSTs, 64 connections, {name}")
            report.sections.append(section)
            loads = ([body(n) for n in range(of * count, (of + 1) * count)] for of in range(rounds))
            with _all_serving(database_server) as servers:
                _compare(section, servers, loads)


@contextmanager
def _all_serving(database_server: Postgres) -> Iterator[Mapping[str, Server]]:
    with ExitStack() as stack:
        start = stack.enter_context
        on_sqlite = environment(start(sqlite_file()))
        on_postgres = environment(start(postgres_database(database_server)))
        servers = {
            "FastAPI: signature, schema, no storage": start(
                serving("tests.benchmarks.apps:create_bare()")
            ),
            "uvicorn alone: a fixed response": start(serving("tests.benchmarks.apps:asgi")),
            "ours, durable: SQLite FULL": start(serving(INTAKE, on_sqlite)),
            "ours, durable: PostgreSQL": start(serving(INTAKE, on_postgres)),
        }
        if python := installed():
            pywa = start(serving_pywa(python, echoes=False))
            servers["pywa: no storage, empty handler"] = pywa
        yield servers


def _compare(section: Section, servers: Mapping[str, Server], loads: Iterable[list[bytes]]) -> None:
    """Give every load to each of them, and add the median of each."""
    warm_up = [request(text_body(user, -1)) for user in range(WARM_UP)]
    for server in servers.values():
        run(send_all(server.port, warm_up))
    results: dict[str, list[Result]] = {name: [] for name in servers}
    for load in loads:
        requests = [request(body) for body in load]
        for name, server in servers.items():
            results[name].append(run(send_all(server.port, requests)))
    measure_of_all, *_ = results.values()
    for name, found in results.items():
        pairs = zip(found, measure_of_all, strict=True)
        ratio = median(one.per_second / other.per_second for one, other in pairs)
        section.add(figure_of(name, found, ratio=None if found is measure_of_all else ratio))
