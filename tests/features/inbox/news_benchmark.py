"""How soon open pages have a message after its webhook, with many operators connected.

Each operator's page follows the feed; some of them have the conversation open, and ask for it
again when they hear of it. A message counts as seen once the page has its text. Messages are sent
without pages first: the ratio of the webhooks, and the processor time for each message, say what
the pages cost.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp
import psutil
from tests.benchmarks.bodies import signature, text_body
from tests.benchmarks.load import Result
from tests.benchmarks.replies import serving_bot
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import postgres, postgres_database, sqlite_file

from app.runtime.event_loop import run

OPERATORS, WITH_OPEN = 50, 5
#: People who have asked for a person, and messages a second that they write together.
PEOPLE, PER_SECOND, SECONDS = 60, 5, 40
#: In which a message should be seen, in milliseconds.
TARGET_MS = 300.0
TOKEN = "the-token-of-the-benchmark"
OWN_PAGE = {"X-Inbox": "1"}


@dataclass(slots=True)
class Seen:
    """When each message was written, and how long each page waited for it, in seconds."""

    written: dict[str, float] = field(default_factory=dict)
    in_list: list[float] = field(default_factory=list)
    in_thread: list[float] = field(default_factory=list)
    #: how long each webhook took, without pages and with them
    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    #: processor time of the bot for each message, without pages and with them, in seconds
    spent_alone: float = 0.0
    spent_beside: float = 0.0


def measure_news(report: Report, scale: float) -> None:
    """Have people write while pages are open."""
    section = Section("news", f"{OPERATORS} operators connected: webhook to page; ratio to 300 ms")
    report.sections.append(section)
    for database in (sqlite_file, _postgres):
        with database() as url, serving_bot(url, INBOX_SIGN_IN_TOKEN=TOKEN) as (bot, _):
            process = psutil.Process(bot.process.pid)
            seen = run(_follow(bot.url, int(PER_SECOND * SECONDS * scale), process))
        _tell(section, url.partition(":")[0].partition("+")[0], seen)


@contextmanager
def _postgres() -> Iterator[str]:
    with postgres() as server, postgres_database(server) as url:
        yield url


def _tell(section: Section, database: str, seen: Seen) -> None:
    expected = len(seen.written) * OPERATORS
    # Of two messages that one person writes at once, pages may get only the second.
    told = f"{len(seen.in_list)} of {expected} seen"
    _add(section, f"{database}: in the list", seen.in_list, _worst(seen.in_list), told)
    _add(section, f"{database}: in the conversation", seen.in_thread, _worst(seen.in_thread))
    alone, beside = (_percentile(one, 0.5) for one in (seen.alone, seen.beside))
    spent = [f"{one * 1000:.1f} ms of processor" for one in (seen.spent_alone, seen.spent_beside)]
    _add(section, f"{database}: webhooks, no page open", seen.alone, note=spent[0])
    note = f"{spent[1]}, ratio to none"
    _add(section, f"{database}: webhooks, pages open", seen.beside, beside / alone, note)


def _percentile(waits: Sequence[float], share: float) -> float:
    return Result(latencies=[*waits] or [0.0]).percentile(share)


def _worst(waits: Sequence[float]) -> float:
    return _percentile(waits, 1) / TARGET_MS


def _add(
    section: Section, name: str, waits: Sequence[float], ratio: float | None = None, note: str = ""
) -> None:
    p50, p99, longest = (_percentile(waits, share) for share in (0.5, 0.99, 1))
    section.add(Figure(name, None, ratio, p50, p99, longest, note))


async def _follow(url: str, count: int, bot: psutil.Process) -> Seen:
    seen, chance = Seen(), random.Random(3)
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, connector=connector, cookie_jar=jar) as session:
        await session.post("/inbox/api/session", json={"token": TOKEN}, headers=OWN_PAGE)
        for person in range(PEOPLE):
            await _write(session, person, 0, "I want to talk to a person")
        await asyncio.sleep(3)
        before = _spent(bot)
        for number in range(1, count // 2 + 1):
            text = f"message {number} without pages"
            seen.alone.append(await _write(session, chance.randrange(PEOPLE), number, text))
            await asyncio.sleep(chance.expovariate(PER_SECOND))
        seen.spent_alone = (_spent(bot) - before) / (count // 2)
        pages = [
            asyncio.create_task(_page(session, seen, number < WITH_OPEN))
            for number in range(OPERATORS)
        ]
        await asyncio.sleep(2)
        before = _spent(bot)
        for number in range(count, 2 * count):
            text = f"message {number} of the benchmark"
            seen.written[text] = time.monotonic()
            seen.beside.append(await _write(session, chance.randrange(PEOPLE), number, text))
            await asyncio.sleep(chance.expovariate(PER_SECOND))
        seen.spent_beside = (_spent(bot) - before) / count
        await asyncio.sleep(2)
        for page in pages:
            page.cancel()
        await asyncio.gather(*pages, return_exceptions=True)
    return seen


def _spent(bot: psutil.Process) -> float:
    """Return the processor time of a process so far, in seconds."""
    times = bot.cpu_times()
    return times.user + times.system


async def _write(session: aiohttp.ClientSession, user: int, serial: int, text: str) -> float:
    """Return how long the webhook took, in seconds."""
    began = time.monotonic()
    body = text_body(user, serial, text)
    headers = {"X-Hub-Signature-256": signature(body)}
    async with session.post("/webhook", data=body, headers=headers) as answer:
        answer.raise_for_status()
    return time.monotonic() - began


async def _page(session: aiohttp.ClientSession, seen: Seen, is_open: bool) -> None:
    """Do what a page does that an operator has open."""
    asked: set[asyncio.Task[None]] = set()
    forever = aiohttp.ClientTimeout(total=None)
    async with session.get("/inbox/api/feed", timeout=forever) as feed:
        async for line in feed.content:
            if not line.startswith(b"data: "):
                continue
            for row in json.loads(line[6:])["rows"]:
                if (began := seen.written.get(row["last_text"])) is None:
                    continue
                seen.in_list.append(time.monotonic() - began)
                if is_open:
                    task = asyncio.create_task(_thread(session, seen, row["key"], began))
                    asked.add(task)
                    task.add_done_callback(asked.discard)


async def _thread(session: aiohttp.ClientSession, seen: Seen, key: str, began: float) -> None:
    async with session.get("/inbox/api/thread", params={"key": key}) as answer:
        await answer.json()
    seen.in_thread.append(time.monotonic() - began)
