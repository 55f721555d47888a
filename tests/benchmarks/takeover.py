"""How long people wait when a process dies or PostgreSQL restarts."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import create_engine, select
from tests.benchmarks.bodies import text_body
from tests.benchmarks.load import Result, send_steadily
from tests.benchmarks.replies import replies_of, serving_sink
from tests.benchmarks.report import Report, Section
from tests.benchmarks.serving import (
    Postgres,
    Server,
    environment,
    postgres,
    postgres_database,
    serving,
    worker,
)
from tests.benchmarks.sink import wait_for_replies

from app.runtime.event_loop import run
from jobs.tables import lane

PER_SECOND = 50
SECONDS = 10.0
#: Tokens of the claims that hold lanes.
_HELD = select(lane.c.owner).where(lane.c.owner.is_not(None))
#: After so many seconds of calm.
BLOW_AT = 3.0


@dataclass(frozen=True, slots=True)
class Machines:
    """A web, two workers and PostgreSQL."""

    web: Server
    workers: list["subprocess.Popen[bytes]"]
    postgres: Postgres
    database_url: str


def measure(report: Report, scale: float) -> None:
    title = f"Webhook to reply during a fault: {PER_SECOND}/s, 2 workers, lease 15 s"
    section = Section("takeover", title)
    report.sections.append(section)
    blows: dict[str, Callable[[Machines], None]] = {
        "no fault": lambda _: None,
        "one of two workers is stopped (SIGTERM)": partial(_signal, number=signal.SIGTERM),
        "one of two workers is killed (SIGKILL)": partial(_signal, number=signal.SIGKILL),
        "one of two workers is killed in the middle of its work": _kill_at_work,
        "PostgreSQL restarts": _restart,
    }
    for name, blow in blows.items():
        with _machines() as (machines, sink):
            people = range(int(PER_SECOND * SECONDS))
            taken = run(_load_and(machines, blow, people))
            wait_for_replies(sink, len(people), patience=30)
            figure = replies_of(sink, taken, people)
        section.add(figure.named(name))


@contextmanager
def _machines() -> Iterator[tuple[Machines, Server]]:
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        url = stack.enter_context(postgres_database(server))
        sink = stack.enter_context(serving_sink())
        settings = environment(url, sink.url)
        app = serving("app.main:create_app()", {**settings, "ROLE": "web"}, health="/health/live")
        web = stack.enter_context(app)
        workers = [stack.enter_context(worker(settings)) for _ in range(2)]
        time.sleep(BLOW_AT)  # until the workers have started
        yield Machines(web, workers, server, url), sink


async def _load_and(machines: Machines, blow: Callable[[Machines], None], people: range) -> Result:
    blowing = asyncio.create_task(_blow_later(machines, blow))
    bodies = [text_body(person) for person in people]
    result = await send_steadily(machines.web.url, bodies, PER_SECOND)
    await blowing
    return result


async def _blow_later(machines: Machines, blow: Callable[[Machines], None]) -> None:
    await asyncio.sleep(BLOW_AT)
    await asyncio.to_thread(blow, machines)


def _signal(machines: Machines, number: signal.Signals) -> None:
    machines.workers[0].send_signal(number)


def _kill_at_work(machines: Machines) -> None:
    """Suspend a worker until it holds a lane, which no other worker ends meanwhile."""
    victim = machines.workers[0]
    engine = create_engine(machines.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        while True:
            victim.send_signal(signal.SIGSTOP)
            before = set(connection.scalars(_HELD))
            time.sleep(0.2)
            if before.intersection(connection.scalars(_HELD)):
                break
            victim.send_signal(signal.SIGCONT)
            time.sleep(0.05)
    victim.kill()
    engine.dispose()


def _restart(machines: Machines) -> None:
    machines.postgres.restart()
