"""What a reload of the config file costs, and what 200 random edits do to people who write."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from statistics import median

from loguru import logger
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import postgres, postgres_database
from tests.fakes.edit_run import EditRun, Outcome, config
from tests.fakes.following_bot import FollowingBot

from app.checks import definitions
from app.reload.file_watch import FileWatch
from app.runtime.event_loop import run
from emulator.cloud_api.config import Config
from utils.gc_tuning import tuned_gc

RELOADS, EDITS = 20, 200
PER_SECOND = 50.0
#: Messages that Meta lets through in a second, in both directions: a number with 80 would refuse.
NUMBER_PER_SECOND = 1_000
#: Longest pause between two edits, in seconds: the shortest are noticed together.
PAUSE_SECONDS = 3.0
SEED = 20261128
#: What features keep of the files of `src`, by module.
KEPT = {
    "features.faq.file_entries": "shipped_entries",
    "features.file_texts.settings": "_texts_of_files",
}
#: Where the bot tells the phone page of the emulator what is wrong.
PAGE = "http://127.0.0.1:5001/emulator/steps"


def measure(report: Report, scale: float) -> None:
    title = "Longest hold of the event loop in a reload of the config file, in processor time"
    section = Section("reload", title)
    report.sections.append(section)
    reloads = max(3, int(RELOADS * scale))
    section.add(run(_holds("files checked anew each time", reloads, _forget)))
    section.add(run(_holds("files checked once", reloads, lambda: None)))
    edits = max(20, int(EDITS * scale))
    title = (
        f"{edits} random edits under {PER_SECOND:g} messages/s, the emulator in the same process"
    )
    section = Section("edits", title)
    report.sections.append(section)
    for figure in _figures("SQLite", run(_edits(edits))):
        section.add(figure)
    with postgres() as server, postgres_database(server) as url:
        for figure in _figures("PostgreSQL", run(_edits(max(20, edits // 4), url))):
            section.add(figure)


async def _holds(name: str, reloads: int, before: Callable[[], None]) -> Figure:
    """Reload so many times; the loop should turn each millisecond meanwhile."""
    holds: list[float] = []
    whole: list[float] = []
    computed: list[float] = []
    async with _following() as bot:
        for version in range(1, reloads + 1):
            before()
            bot.write(config(version))
            began, computed_before = time.monotonic(), time.process_time()
            async with _longest_gap() as gaps:
                await bot.follower.look()
            whole.append(time.monotonic() - began)
            computed.append(time.process_time() - computed_before)
            holds.append(max(gaps) * 1000)
    holds.sort()
    note = (
        f"reload {median(whole) * 1000:.0f} ms, of which {median(computed) * 1000:.0f} computing, "
        f"median of {reloads}"
    )
    return Figure(name, p50=median(holds), p99=holds[-1], longest=holds[-1], note=note)


def _forget() -> None:
    """Forget what a bot needs not check or read again."""
    definitions._FAULTLESS.clear()
    for module, kept in KEPT.items():
        with suppress(ModuleNotFoundError):
            getattr(import_module(module), kept).cache_clear()


async def _edits(count: int, database_url: str = "") -> Outcome:
    async with _following(database_url) as bot:
        edits = EditRun(bot, SEED, FileWatch(bot.follower.files))
        return await edits.run(count, PER_SECOND, PAUSE_SECONDS)


def _figures(database: str, found: Outcome) -> list[Figure]:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.edits.items()))
    rate = found.messages / found.seconds
    people = (
        f"{found.messages:,} messages at {rate:.0f}/s: {found.lost} lost, {found.answered_twice} "
        f"answered twice, {found.mixed} by a mixture; people saw {len(found.versions)} versions"
    )
    return [
        Figure(f"{database}: people", note=people),
        Figure(
            f"{database}: edits",
            note=f"{found.applied} in force, {found.refused} refused, {found.unnoticed} missed: "
            f"{kinds}",
        ),
        _latency(f"{database}: edit to in force", found.in_force),
        _latency(f"{database}: wrong edit to told", found.told),
    ]


def _latency(name: str, seconds: list[float]) -> Figure:
    spent = sorted(one * 1000 for one in seconds)
    near_all = spent[int(len(spent) * 0.99)]
    return Figure(name, p50=median(spent), p99=near_all, longest=spent[-1])


@asynccontextmanager
async def _following(database_url: str = "") -> AsyncIterator[FollowingBot]:
    logger.remove()
    with tempfile.TemporaryDirectory() as folder:
        fast = Config(messages_per_second=NUMBER_PER_SECOND)
        limits = {"MESSAGES_PER_SECOND": str(NUMBER_PER_SECOND)}
        bot = FollowingBot(Path(folder), database_url, fast, STEPS_URL=PAGE, **limits)
        bot.write(config(0))
        await bot.start()
        with tuned_gc():
            yield bot
        await bot.close()


@asynccontextmanager
async def _longest_gap() -> AsyncIterator[list[float]]:
    """Collect what the process computes between two turns of the event loop, in seconds.

    Time in which other programs have the processor does not count.
    """
    gaps: list[float] = [0.0]

    async def turn() -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.process_time()
            gaps.append(now - last)
            last = now

    turning = asyncio.create_task(turn())
    await asyncio.sleep(0.01)
    gaps[:] = [0.0]
    yield gaps
    await asyncio.sleep(0.01)
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)
