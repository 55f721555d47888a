"""What the bot needs: memory, disk, time to start."""

import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median

from tests.benchmarks.bodies import request, text_body
from tests.benchmarks.load import send_all
from tests.benchmarks.replies import replies_of, serving_bot
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import environment, serving, sqlite_file
from tests.benchmarks.sink import wait_for_replies

from app.runtime.event_loop import run

STARTS = 5
#: Caches fill with the first of these people; after that, memory must stay.
PEOPLE_SEEN = (1_000, 10_000, 50_000, 90_000, 100_000)


def measure(report: Report, scale: float) -> None:
    section = Section("footprint", "Resources")
    report.sections.append(section)
    section.add(_cold_start())
    _measure_people(section, [int(people * scale) for people in PEOPLE_SEEN])


def _cold_start() -> Figure:
    """From nothing to the first answer, with a database that exists."""
    taken = []
    with sqlite_file() as url:
        for _ in range(STARTS + 1):
            began = time.monotonic()
            with serving("app.main:create_app()", environment(url), health="/health/ready"):
                taken.append(time.monotonic() - began)
    return Figure("cold start to ready", note=f"{median(taken[1:]):.2f} s, median of {STARTS}")


def _measure_people(section: Section, stages: list[int]) -> None:
    """Ever more different people write once each, and are answered."""
    with ExitStack() as stack:
        url = stack.enter_context(sqlite_file())
        bot, sink = stack.enter_context(serving_bot(url))
        for seen, people in pairwise((0, *stages)):
            newcomers = range(seen, people)
            taken = run(send_all(bot.port, [request(text_body(user)) for user in newcomers]))
            wait_for_replies(sink, people)
            figure = replies_of(sink, taken, newcomers)
            disk = sum(file.stat().st_size for file in _files(url)) / 1024**2
            section.add(
                Figure(
                    f"{people:,} people",
                    per_second=figure.per_second,
                    p50=figure.p50,
                    p99=figure.p99,
                    longest=figure.longest,
                    note=f"{bot.resident_megabytes():,.0f} MB of memory, {disk:,.0f} MB on disk",
                )
            )


def _files(url: str) -> list[Path]:
    path = Path(url.removeprefix("sqlite:///"))
    return list(path.parent.glob(f"{path.name}*"))
