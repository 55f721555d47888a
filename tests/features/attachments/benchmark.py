"""How much memory photos take that many people send at once, each of the largest size."""

import asyncio
import base64
import hashlib
import json
import re
import resource
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.benchmarks.bodies import PHONE_NUMBER_ID, message, message_body, signature
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import environment, serving, sqlite_file

from app.runtime.event_loop import run
from emulator.loopback import LoopbackServer
from emulator.openai.answers import stream
from emulator.openai.dialect import Dialect
from emulator.openai.model import Said

PEOPLE = 100
PHOTO = b"\xff\xd8\xff".ljust(5 * 1024 * 1024, b"\0")
#: The model answers once no question has come for so long, in seconds: all that may, wait together.
THINKING_SECONDS = 1.0
#: Longest time until everybody is answered, for each photo, in seconds.
SECONDS_PER_PHOTO = 5.0


@dataclass(frozen=True, slots=True)
class Flood:
    """What became of everybody's photo."""

    answered: int
    #: Memory of the bot when it had started, and the most that it had, in megabytes.
    before: float
    peak: float


@dataclass(slots=True)
class World:
    """Meta and a model, which keep nothing of what they get."""

    url: str = ""
    answered: set[str] = field(default_factory=set)
    #: When the last question came.
    asked_at: float = 0.0

    def app(self) -> Starlette:
        number = f"/v25.0/{PHONE_NUMBER_ID}"
        return Starlette(
            routes=[
                Route(f"{number}/messages", self.take, methods=["POST"]),
                Route("/v25.0/{media_id}", self.describe),
                Route("/photo", self.photo),
                Route("/v1/chat/completions", self.think, methods=["POST"]),
            ]
        )

    async def take(self, asked: Request) -> Response:
        body = json.loads(await asked.body())
        if body.get("type") == "text":
            self.answered.add(body["to"].lstrip("+"))
        return JSONResponse({"messages": [{"id": f"wamid.{len(self.answered)}"}]})

    async def describe(self, asked: Request) -> Response:
        sha256 = base64.b64encode(hashlib.sha256(PHOTO).digest()).decode()
        described: dict[str, Any] = {"url": f"{self.url}/photo", "sha256": sha256}
        return JSONResponse({**described, "file_size": len(PHOTO), "mime_type": "image/jpeg"})

    async def photo(self, asked: Request) -> Response:
        return Response(PHOTO, media_type="image/jpeg")

    async def think(self, asked: Request) -> Response:
        clock = asyncio.get_running_loop().time
        async for _ in asked.stream():
            self.asked_at = clock()
        while (wait := self.asked_at + THINKING_SECONDS - clock()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(wait)
        request = {"model": "model", "messages": [], "stream_options": {"include_usage": True}}
        answer = stream(request, Said("A photo."), Dialect())
        return StreamingResponse(answer, media_type="text/event-stream")


def measure(report: Report, scale: float) -> None:
    people = int(PEOPLE * scale)
    section = Section("photos", f"{people} photos of 5 MB at once")
    report.sections.append(section)
    flood = run(flooded(people))
    note = f"{flood.answered} answered; memory {flood.before:.0f} MB before, {flood.peak:.0f} MB"
    section.add(Figure("one process", note=f"{note} at most"))


async def flooded(people: int, *, more_megabytes: int | None = None) -> Flood:
    """Send everybody's photo. The process may write to `more_megabytes` more, once it runs."""
    world = World()
    server = LoopbackServer(world.app())
    await server.start()
    world.url = server.url
    settings = {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": f"{server.url}/v1"}
    with (
        sqlite_file() as database,
        serving("app.main:create_app()", environment(database, server.url, **settings)) as bot,
    ):
        pid = bot.process.pid
        before = megabytes(pid, "VmRSS")
        if more_megabytes is not None:
            most = int((megabytes(pid, "VmData") + more_megabytes) * 1024**2)
            resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
        async with aiohttp.ClientSession() as session:
            url = f"{bot.url}/webhook"
            await asyncio.gather(*(post(session, url, one) for one in range(people)))
        with suppress(TimeoutError):
            async with asyncio.timeout(20 + people * SECONDS_PER_PHOTO):
                while len(world.answered) < people:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        flood = Flood(len(world.answered), before, megabytes(pid, "VmHWM"))
    await server.stop()
    return flood


async def post(session: aiohttp.ClientSession, url: str, user: int) -> None:
    image = {"id": str(10**15 + user), "mime_type": "image/jpeg", "sha256": "-"}
    body = message_body({**message(user, 0), "type": "image", "image": image}, user)
    headers = {"X-Hub-Signature-256": signature(body)}
    async with session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200


def megabytes(pid: int, name: str) -> float:
    """Return a figure of a process, as Linux writes it."""
    [kilobytes] = re.findall(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(kilobytes) / 1024
