"""The phone page plays another system that tells the bot an event."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.loopback import LoopbackServer

WRONG = {"errors": [{"message": "The total is missing.", "fix": "Give it."}]}


class Bot:
    """Takes what is told; `answers` are what it says, one after the other."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []
        self.answers: list[Response] = []
        route = Route("/api/v1/events/{type}", self._hear, methods=["POST"])
        self.server = LoopbackServer(Starlette(routes=[route]))

    async def _hear(self, request: Request) -> Response:
        key = request.headers["authorization"]
        self.told.append((request.path_params["type"], key, await request.json()))
        return self.answers.pop(0)


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    bot = Bot()
    await bot.server.start()
    yield bot
    await bot.server.stop()


async def tell(url: str, event: Any, key: str = "k") -> tuple[int, Any]:
    """What the page does; the answer of the emulator."""
    app = create_app(Config(callback_url=f"{url}/webhook", api_key=key), AirtableConfig())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post("/emulator/told-events", json=event)
    return answer.status_code, answer.json()


async def test_an_event_goes_through_the_door_of_other_systems(bot: Bot) -> None:
    bot.answers = [JSONResponse({"id": "e", "duplicate": False}, 202)]
    event = {"type": "po.approved", "data": {"po_number": "PO-1"}}
    assert await tell(bot.server.url, event) == (200, {"id": "e", "duplicate": False})
    assert bot.told == [("po.approved", "Bearer k", event)]


async def test_what_the_bot_refuses_is_told_on_the_page(bot: Bot) -> None:
    bot.answers = [JSONResponse(WRONG, 422), PlainTextResponse("?", 404), JSONResponse({}, 404)]
    event = {"type": "po.approved"}
    refused = [await tell(bot.server.url, event) for _ in range(3)]
    gone = "the bot answered 404: is its feature `events` there?"
    assert refused == [
        (400, {"error": "The total is missing. Give it."}),
        (400, {"error": gone}),
        (400, {"error": gone}),
    ]
    nowhere = "http://127.0.0.1:1"
    assert await tell(nowhere, event) == (400, {"error": "the bot does not answer"})
    assert (await tell(nowhere, event, key=""))[1]["error"].startswith("The bot has no key")
    assert (await tell(nowhere, ["x"]))[1]["error"].startswith("an event is an object")
