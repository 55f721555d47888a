"""What a reload of the config file costs, and what 200 random edits do to people who write."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from loguru import logger
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.scheduled import Scheduled
from tests.benchmarks.serving import postgres, postgres_database
from tests.fakes.edit_run import LIMIT_SECONDS, EditRun, Outcome, config
from tests.fakes.following_bot import FollowingBot

from app.reload.file_watch import FileWatch
from app.runtime.event_loop import run
from emulator.cloud_api.config import Config
from utils.gc_tuning import tuned_gc

RELOADS, EDITS = 60, 200
PER_SECOND = 50.0
#: Messages that Meta lets through in a second, in both directions: a number with 80 would refuse.
NUMBER_PER_SECOND = 1_000
#: Longest pause between two edits, in seconds: the shortest are noticed together.
PAUSE_SECONDS = 3.0
SEED = 20261128
#: Reloads before those that are measured: the first ones compile what later ones use.
WARM = 2
#: Where the bot tells the phone page of the emulator what is wrong.
PAGE = "http://127.0.0.1:5001/emulator/steps"


def measure(report: Report, scale: float) -> None:
    title = "Longest hold of the event loop in a reload, with the first answers of the new bot"
    section = Section("reload", title)
    report.sections.append(section)
    reloads = max(3, int(RELOADS * scale))
    for figure in run(_holds(reloads)):
        section.add(figure)
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


async def _holds(reloads: int) -> list[Figure]:
    """Reload so many times, and have people write to each new bot.

    The loop should turn each millisecond meanwhile: what it did not is told in three ways.
    """
    spent = Spent()
    async with _following() as bot:
        for version in range(reloads + WARM):
            if version == WARM:
                spent = Spent()
            bot.write(config(version + 1))
            began, computed_before = time.monotonic(), time.process_time()
            async with _longest_turns(spent):
                await bot.follower.look()
                spent.whole.append(time.monotonic() - began)
                spent.computed.append(time.process_time() - computed_before)
                await bot.is_answered(f"1555{version + 1_000:07}", "menu")
                await bot.is_answered(f"1556{version + 1_000:07}", "pelican")  # the checks answer
    note = f"reload {median(spent.whole) * 1000:.0f} ms, {median(spent.computed) * 1000:.0f} of "
    note += f"them computing, median of {reloads}"
    return [
        _latency("computed by the loop's own callbacks", spent.own, note),
        _latency("computed by all threads between two turns", spent.threads),
        _latency("between two turns, by the clock", spent.clock, "with other programs"),
    ]


@dataclass(slots=True)
class Spent:
    """Of each reload, in seconds."""

    whole: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)
    #: The longest time between two turns of the loop: what its own thread computed, what all
    #: threads did, which it may wait for, and by the clock.
    own: list[float] = field(default_factory=list)
    threads: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)


async def _edits(count: int, database_url: str = "") -> tuple[Outcome, float]:
    """Return what became of so many edits, and the share of the processor that this program got."""
    async with _following(database_url) as bot:
        edits = EditRun(bot, SEED, FileWatch(bot.follower.files))
        before = Scheduled.now()
        found = await edits.run(count, PER_SECOND, PAUSE_SECONDS)
        return found, Scheduled.now().share_since(before)


def _figures(database: str, edits: tuple[Outcome, float]) -> list[Figure]:
    found, share = edits
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
            note=f"{found.applied} in force, {found.refused} refused, {found.late} not within "
            f"{LIMIT_SECONDS:g} s, {found.unnoticed} missed: {kinds}",
        ),
        _latency(f"{database}: edit to in force", found.in_force),
        _latency(f"{database}: wrong edit to told", found.told),
        Figure(f"{database}: other programs", note=f"left {share:.0%} of the time on a processor"),
    ]


def _latency(name: str, seconds: list[float], note: str = "") -> Figure:
    spent = sorted(one * 1000 for one in seconds)
    near_all = spent[int(len(spent) * 0.99)]
    return Figure(name, p50=median(spent), p99=near_all, longest=spent[-1], note=note)


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
async def _longest_turns(spent: Spent) -> AsyncIterator[None]:
    """Note the longest time between two turns of the event loop inside."""
    clocks = (time.thread_time, time.process_time, time.monotonic)
    longest = [0.0, 0.0, 0.0]

    async def turn() -> None:
        last = [clock() for clock in clocks]
        while True:
            await asyncio.sleep(0.001)
            now = [clock() for clock in clocks]
            for place, (one, before) in enumerate(zip(now, last, strict=True)):
                longest[place] = max(longest[place], one - before)
            last = now

    turning = asyncio.create_task(turn())
    yield
    await asyncio.sleep(0.01)
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)
    for seen, one in zip((spent.own, spent.threads, spent.clock), longest, strict=True):
        seen.append(one)
