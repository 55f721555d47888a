"""One busy person, and a backlog that several processes share."""

import re
import time
from collections.abc import Callable
from contextlib import ExitStack

from sqlalchemy import create_engine, func, select, text
from tests.benchmarks.bodies import request, text_body, texts_body
from tests.benchmarks.load import send_all
from tests.benchmarks.replies import serving_bot, serving_sink
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import (
    Server,
    environment,
    postgres,
    postgres_database,
    serving,
    sqlite_file,
    worker,
)

from app.runtime.event_loop import run
from jobs.model import JobState
from jobs.tables import job

HOT_MESSAGES = 1_000
BACKLOG = 100_000
MESSAGES_EACH = 5
PROCESSES = (1, 2, 4)

_HANDLED = re.compile(rb'^bot_job_seconds_count\{kind="message"\} ([\d.e+]+)', re.MULTILINE)


def measure(report: Report, scale: float) -> None:
    section = Section("scale", "One person's messages, and a backlog shared by processes")
    report.sections.append(section)
    section.add(_hot_person(int(HOT_MESSAGES * scale)))
    _measure_backlog(section, int(BACKLOG * scale))


def _hot_person(count: int) -> Figure:
    """Strictly one after the other. Replies wait for Meta's pair limit, so handling is counted."""
    with sqlite_file() as url, serving_bot(url) as (bot, _):
        bodies = [request(text_body(1, serial)) for serial in range(count)]
        began = time.monotonic()
        run(send_all(bot.port, bodies))
        _wait(lambda: handled(bot) >= count)
        seconds = time.monotonic() - began
    return Figure(f"one person, {count:,} messages, SQLite", per_second=count / seconds)


def handled(bot: Server) -> int:
    """Messages that a bot has handled since it started."""
    found = _HANDLED.search(bot.get("/metrics"))
    return int(float(found[1])) if found else 0


def _measure_backlog(section: Section, messages: int) -> None:
    with postgres() as server, postgres_database(server) as filled:
        bodies = [
            request(texts_body(10, number, messages // MESSAGES_EACH))
            for number in range(messages // 10)
        ]
        with serving("tests.benchmarks.apps:create_intake()", environment(filled)) as web:
            run(send_all(web.port, bodies))
        first = None
        for processes in PROCESSES:
            with postgres_database(server, template=filled) as url:
                rate = _drained(url, processes, messages)
            first = first or rate
            name = f"backlog of {messages:,}, {processes} process{'es' if processes > 1 else ''}"
            section.add(Figure(f"{name}, PostgreSQL", per_second=rate, ratio=rate / first))


def _drained(url: str, processes: int, messages: int) -> float:
    """Messages per second: each handled, answered and marked as read."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    waiting = select(func.count()).where(job.c.state == JobState.TODO)
    with ExitStack() as stack:
        connection = stack.enter_context(engine.connect())
        connection.execute(text("VACUUM ANALYZE"))
        settings = environment(url, stack.enter_context(serving_sink()).url)
        for _ in range(processes):
            stack.enter_context(worker(settings))
        _wait(lambda: connection.scalar(waiting) != messages)
        began = time.monotonic()
        _wait(lambda: connection.scalar(waiting) == 0)
        seconds = time.monotonic() - began
    engine.dispose()
    return messages / seconds


def _wait(is_done: Callable[[], bool]) -> None:
    while not is_done():
        time.sleep(0.1)
