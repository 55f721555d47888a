"""How long replies take while many people wait for a slow model.

PEOPLE ask a model that takes SECONDS, all at once; others say hello and get a menu. Measured is how
long the menu takes, from webhook to reply: while nobody waits, in the second in which all of them
ask, and while they wait.
"""

import asyncio
import json
import statistics
import time

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.benchmarks.bodies import PHONE_NUMBER_ID, signature, text_body
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import environment, serving, sqlite_file

from app.runtime.event_loop import run
from emulator.loopback import LoopbackServer
from emulator.openai.app import PREFIX, openai_routes
from emulator.openai.state import KEY, EmulatedOpenAI

PEOPLE, SECONDS = 200, 5.0
#: Number of people who say hello, one after the other, within the time of an answer.
GREETING = 200
LONGEST_SECONDS = 60
#: Seconds until all questions have begun; share of a wait in which people say hello.
BURST_SECONDS, SHARE = 1.0, 0.8
FIRST_GREETING, SECOND_GREETING, ASKING = 0, 1_000, 2_000


class Meta:
    """Takes messages, and notes when the first one to each person came."""

    def __init__(self) -> None:
        self.came: dict[str, float] = {}

    async def take(self, asked: Request) -> Response:
        body = json.loads(await asked.body())
        if "status" not in body:
            self.came.setdefault(body["to"].lstrip("+"), time.perf_counter())
        return JSONResponse({"messages": [{"id": f"wamid.{len(self.came)}"}]})


def measure(report: Report, scale: float) -> None:
    people = int(PEOPLE * scale)
    title = f"Webhook to reply while {people} people wait {SECONDS:.0f} s for a model"
    section = Section("waiting", title)
    report.sections.append(section)
    run(_measure(section, people, SECONDS))


async def _measure(section: Section, people: int, seconds: float) -> None:
    meta, openai = Meta(), EmulatedOpenAI()
    openai.trouble.seconds = seconds
    messages = f"/v25.0/{PHONE_NUMBER_ID}/messages"
    server = LoopbackServer(
        Starlette(routes=[Route(messages, meta.take, methods=["POST"])]),
    )
    thinking = LoopbackServer(Starlette(routes=openai_routes(openai)))
    await server.start()
    await thinking.start()
    model = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{thinking.url}{PREFIX}"}
    with (
        sqlite_file() as database,
        serving("app.main:create_app()", environment(database, server.url, **model)) as bot,
    ):
        async with aiohttp.ClientSession() as session:
            url = f"{bot.url}/webhook"
            before = bot.resident_megabytes()
            alone = await greet(session, url, meta, FIRST_GREETING, seconds)
            asking = range(ASKING, ASKING + people)
            await asyncio.gather(*(post(session, url, one, "why is that?") for one in asking))
            beside = await greet(session, url, meta, SECOND_GREETING, seconds)
            waiting = sum(number(one) not in meta.came for one in asking)
            during = bot.resident_megabytes()
            began = time.perf_counter()
            while any(number(one) not in meta.came for one in asking):
                if time.perf_counter() - began > LONGEST_SECONDS:
                    raise TimeoutError("not everybody was answered")
                await asyncio.sleep(0.05)
    early = BURST_SECONDS * GREETING / (SHARE * seconds)
    section.add(figure("nobody waits", alone))
    section.add(figure(f"{people} ask at once", beside[: int(early)]))
    note = f"memory {before:.0f} MB before, {during:.0f} MB while they wait"
    section.add(figure(f"{waiting} wait", beside[int(early) :], note))
    await thinking.stop()
    await server.stop()


async def greet(
    session: aiohttp.ClientSession, url: str, meta: Meta, first: int, seconds: float
) -> list[float]:
    """Milliseconds from webhook to reply, of people who say hello evenly over most of a wait."""
    sent: dict[int, float] = {}
    tasks = []
    for one in range(first, first + GREETING):
        sent[one] = time.perf_counter()
        tasks.append(asyncio.create_task(post(session, url, one, "hola")))
        await asyncio.sleep(SHARE * seconds / GREETING)
    await asyncio.gather(*tasks)
    while any(number(one) not in meta.came for one in sent):  # noqa: ASYNC110 - of another task
        await asyncio.sleep(0.01)
    return [1000 * (meta.came[number(one)] - at) for one, at in sent.items()]


async def post(session: aiohttp.ClientSession, url: str, user: int, text: str) -> None:
    body = text_body(user, 0, text)
    headers = {"X-Hub-Signature-256": signature(body)}
    async with session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200


def number(user: int) -> str:
    return f"57300{user:07}"


def figure(name: str, milliseconds: list[float], note: str = "") -> Figure:
    cuts = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return Figure(name, p50=cuts[49], p99=cuts[98], longest=max(milliseconds), note=note)
