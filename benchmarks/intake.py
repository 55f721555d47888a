"""How fast webhooks are taken in, beside what takes them in and stores nothing.

pywa reads only the first message of each POST; the others read all.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.bodies import mixed_body, request, text_body, texts_body
from benchmarks.load import Result, send_all
from benchmarks.pywa import installed, serving_pywa
from benchmarks.report import Report, Section, compare
from benchmarks.serving import (
    Postgres,
    Server,
    environment,
    postgres,
    postgres_database,
    serving,
    sqlite_file,
)

from app.event_loop import run

PEOPLE = 1_000
TURNS = 5
WARM_UP = 200

#: name -> (number of a body -> the body, how many of them)
SHAPES: dict[str, tuple[Callable[[int], bytes], int]] = {
    "1 message per POST": (lambda n: text_body(n % PEOPLE, n), 8_000),
    "3 statuses to 1 message, one per POST": (lambda n: mixed_body(n, PEOPLE), 8_000),
    "10 messages per POST (of which pywa reads one)": (lambda n: texts_body(10, n, PEOPLE), 1_500),
    "1,000 messages per POST (of which pywa reads one)": (
        lambda n: texts_body(1_000, n, PEOPLE),
        25,
    ),
}


def measure(report: Report, scale: float) -> None:
    """The same bodies for all, turn about."""
    with postgres() as server:
        for name, (body, count) in SHAPES.items():
            bodies = [request(body(n)) for n in range(max(10, int(count * scale)))]
            section = Section("intake", f"Webhook intake in POSTs, 64 connections, {name}")
            report.sections.append(section)
            compare(section, _contenders(bodies, server), turns=TURNS)


def _contenders(bodies: list[bytes], server: Postgres) -> Mapping[str, Callable[[], Result]]:
    contenders: dict[str, Callable[[], Result]] = {
        "FastAPI: signature, schema, no storage": partial(_bare, "create_bare()", bodies),
        "uvicorn alone: nothing is looked at": partial(_bare, "asgi", bodies),
        "ours, durable: SQLite FULL": partial(_on_sqlite, bodies),
        "ours, durable: PostgreSQL": partial(_on_postgres, bodies, server),
    }
    if python := installed():
        contenders["pywa: no storage, empty handler"] = partial(_pywa, python, bodies)
    return contenders


def _bare(name: str, bodies: list[bytes]) -> Result:
    with serving(f"benchmarks.apps:{name}") as server:
        return _loaded(server, bodies)


def _on_sqlite(bodies: list[bytes]) -> Result:
    with sqlite_file() as url:
        return _ours(url, bodies)


def _on_postgres(bodies: list[bytes], server: Postgres) -> Result:
    with postgres_database(server) as url:
        return _ours(url, bodies)


def _ours(url: str, bodies: list[bytes]) -> Result:
    with serving("benchmarks.apps:create_intake()", environment(url)) as server:
        return _loaded(server, bodies)


def _pywa(python: Path, bodies: list[bytes]) -> Result:
    with serving_pywa(python, echoes=False) as server:
        return _loaded(server, bodies)


def _loaded(server: Server, bodies: list[bytes]) -> Result:
    run(send_all(server.port, [request(text_body(n, -1)) for n in range(WARM_UP)]))
    return run(send_all(server.port, bodies))
