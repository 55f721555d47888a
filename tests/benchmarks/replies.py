"""Measures the way from a webhook to the reply, which a stand-in for Meta receives."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.bodies import request, text_body
from tests.benchmarks.load import Result, send_all, send_steadily
from tests.benchmarks.pywa import installed, serving_pywa
from tests.benchmarks.report import Figure, Report, Section, figure_of
from tests.benchmarks.serving import Server, environment, serving, sqlite_file
from tests.benchmarks.sink import arrivals, wait_for_replies

from app.runtime.event_loop import run

CONNECTIONS = (8, 32, 128)
CONVERSATIONS = 3_000
WARM_UP = 200
#: Messages per second that arrive, whatever becomes of those before.
RATES = (50, 200, 400)
STEADY_SECONDS = 10.0


def measure(report: Report, scale: float) -> None:
    """Ours stores, handles, answers and marks as read; pywa's echoes."""
    count = max(300, int(CONVERSATIONS * scale))
    section = Section("replies", "Webhook to reply, one process; ratio to pywa's best")
    report.sections.append(section)
    theirs, ours = [], []
    for connections in CONNECTIONS:
        if python := installed():
            with serving_sink() as sink, serving_pywa(python, sink, echoes=True) as server:
                theirs.append(_measured(server, sink, connections, count))
        with sqlite_file() as url, serving_bot(url) as (server, sink):
            ours.append(_measured(server, sink, connections, count))
    best = max((one.per_second or 0.0 for one in theirs), default=None)
    for name, figures in (("pywa's echo", theirs), ("ours, durable", ours)):
        for connections, figure in zip(CONNECTIONS, figures, strict=False):
            ratio = figure.per_second / best if best and figure.per_second else None
            section.add(figure.named(f"{name}, {connections} connections", ratio=ratio))
    _measure_steady(report)


def _measure_steady(report: Report) -> None:
    """At an arrival rate of its own, as Meta's: nobody waits with the next for an answer."""
    section = Section("steady", "The whole bot at a constant rate of messages, SQLite")
    report.sections.append(section)
    for rate in RATES:
        people = range(WARM_UP, WARM_UP + int(rate * STEADY_SECONDS))
        with sqlite_file() as url, serving_bot(url) as (bot, sink):
            known = _warm_up(bot, sink)
            taken = run(send_steadily(bot.url, [text_body(user) for user in people], rate))
            wait_for_replies(sink, known + len(people))
            replied = replies_of(sink, taken, people)
        section.add(figure_of(f"{rate}/s, webhook to HTTP response", [taken]))
        section.add(replied.named(f"{rate}/s, webhook to reply"))


@contextmanager
def serving_sink() -> Iterator[Server]:
    with serving("tests.benchmarks.sink:sink") as sink:
        yield sink


@contextmanager
def serving_bot(database_url: str, **environ: str) -> Iterator[tuple[Server, Server]]:
    """The whole bot, and the stand-in for Meta."""
    with serving_sink() as sink:
        settings = environment(database_url, sink.url, **environ)
        with serving("app.main:create_app()", settings, health="/health/live") as bot:
            yield bot, sink


def _warm_up(server: Server, sink: Server) -> int:
    """Some people before those who count; returns how many were answered."""
    bodies = [request(text_body(user)) for user in range(WARM_UP)]
    run(send_all(server.port, bodies, connections=8))
    return wait_for_replies(sink, WARM_UP)


def _measured(server: Server, sink: Server, connections: int, count: int) -> Figure:
    known = _warm_up(server, sink)
    bodies = [request(text_body(user)) for user in range(WARM_UP, WARM_UP + count)]
    taken = run(send_all(server.port, bodies, connections=connections))
    wait_for_replies(sink, known + count)
    return replies_of(sink, taken, range(WARM_UP, WARM_UP + count))


def replies_of(sink: Server, taken: Result, people: range) -> Figure:
    """Rate and latency of the replies to these people, one message each."""
    first: dict[int, float] = {}
    for user, at in arrivals(sink):
        first.setdefault(user, at)
    replied = {user: first[user] for user in people if user in first}
    began = dict(zip(people, taken.began, strict=True))
    seconds = max(replied.values(), default=time.monotonic()) - min(began.values())
    latencies = [at - began[user] for user, at in replied.items()]
    seen = Result(latencies=latencies or [0.0])
    lost = len(people) - len(replied)
    return Figure(
        "replies",
        per_second=len(replied) / seconds,
        p50=seen.percentile(0.5),
        p99=seen.percentile(0.99),
        longest=seen.percentile(1),
        note=f"{lost:,} of {len(people):,} lost" if lost else "none lost",
    )
