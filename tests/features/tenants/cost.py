"""What a conversation costs who has one number: with the feature, and with its folder deleted."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.benchmarks.bodies import request, text_body
from tests.benchmarks.load import send_all
from tests.benchmarks.pairing import Spent, Turn, compare, processor_seconds
from tests.benchmarks.report import Figure
from tests.benchmarks.serving import ROOT, Server, environment, serving, sqlite_file
from tests.benchmarks.sink import wait_for_replies

from app.runtime.event_loop import run

#: Most that the feature may add.
AIM = 1.05
#: Webhooks of a turn; turns of the same processes; how often these are started anew.
WEBHOOKS, TURNS, STARTS = 200, 12, 6
#: A turn has ended once the process has used less than this in this time, in seconds.
QUIET_SECONDS, QUIET_PROCESSOR_SECONDS = 0.03, 0.003
WITH, WITHOUT, AGAIN = "with", "without", "without, once more"


def costs(scale: float) -> Sequence[Figure]:
    """Return ratios of processor time and of wall time, and those of the same code twice."""
    with tempfile.TemporaryDirectory() as folder:
        whole, less = Path(folder) / "whole", Path(folder) / "less"
        shutil.copytree(ROOT / "src", whole / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "src", less / "src", ignore=_without_tenants)
        sources = {WITH: whole / "src", WITHOUT: less / "src", AGAIN: less / "src"}
        programs = {name: partial(_bot, source) for name, source in sources.items()}
        found = compare(programs, max(3, round(STARTS * scale)), max(4, round(TURNS * scale)))
    processor = found.ratios(WITH, WITHOUT, lambda one: one.processor)
    wall = found.ratios(WITH, WITHOUT, lambda one: one.wall)
    control = found.ratios(AGAIN, WITHOUT, lambda one: one.processor)
    cheapest = found.cheapest(WITH) / WEBHOOKS * 1e6
    told = f"{processor}; {cheapest:,.0f} µs a conversation; {processor.verdict(AIM)}"
    return (
        Figure("who has one number: processor", ratio=processor.median, note=told),
        Figure("who has one number: wall time", ratio=wall.median, note=str(wall)),
        Figure("the same code twice: processor", ratio=control.median, note=str(control)),
    )


def _without_tenants(folder: str, names: list[str]) -> set[str]:
    skipped = {"__pycache__"} & set(names)
    return skipped | ({"signup", "tenants"} if Path(folder).name == "features" else set())


@contextmanager
def _bot(source: Path) -> Iterator[Turn]:
    """A bot of this code, with a database and a stand-in for Meta of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(sqlite_file())
        sink = stack.enter_context(serving("tests.benchmarks.sink:sink"))
        settings = environment(url, sink.url, PYTHONPATH=f"{source}:{ROOT}", PYTHONHASHSEED="0")
        served = serving("app.main:create_app()", settings, health="/health/live")
        bot = stack.enter_context(served)
        people = iter(range(0, 10**9, WEBHOOKS))
        yield lambda: _turn(bot, sink, range(first := next(people), first + WEBHOOKS))


def _turn(bot: Server, sink: Server, crowd: range) -> Spent:
    """Answer the messages of so many people who write for the first time."""
    requests = [request(text_body(user)) for user in crowd]
    known, before = int(sink.get("/")), _processor(bot)
    began = time.perf_counter()
    run(send_all(bot.port, requests, connections=8))
    wait_for_replies(sink, known + len(crowd))
    wall = time.perf_counter() - began
    _until_quiet(bot)
    return Spent(_processor(bot) - before, wall)


def _until_quiet(bot: Server) -> None:
    for _ in range(100):
        before = _processor(bot)
        time.sleep(QUIET_SECONDS)
        if _processor(bot) - before < QUIET_PROCESSOR_SECONDS:
            return


def _processor(bot: Server) -> float:
    return processor_seconds(bot.process.pid)
