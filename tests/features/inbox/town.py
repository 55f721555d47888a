"""A bot, people, and an operator at the inbox."""

from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.fakes.bot import ANA, BotHarness

from features.inbox import page_routes, routes

TOKEN = "the-token-of-the-owner"

APP = FastAPI()
APP.include_router(page_routes.router)
APP.include_router(routes.router)


class Town(BotHarness):
    """The bot, the emulator, and a browser with the inbox."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **{"inbox_sign_in_token": TOKEN} | settings)
        #: what the browser keeps
        self.cookies = httpx.Cookies()
        #: path that leads to this bot, where it is one of several
        self.root = ""

    async def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Ask the inbox, as its pages do."""

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await APP({**scope, "state": dict(self.state.by_name())}, receive, send)

        transport = httpx.ASGITransport(with_state, root_path=self.root)
        client = httpx.AsyncClient(
            transport=transport, base_url="https://bot", cookies=self.cookies
        )
        async with client:
            given = {"X-Inbox": "1"} if headers is None else headers
            answer = await client.request(method, f"/inbox{path}", headers=given, **more)
            self.cookies = client.cookies
        return answer

    async def sign_in(self, token: str = TOKEN) -> httpx.Response:
        return await self.call("POST", "/api/session", json={"token": token})

    async def answer(self, **query: str) -> dict[str, Any]:
        """What the list says, for a filter."""
        answer: dict[str, Any] = (await self.call("GET", "/api/threads", params=query)).json()
        return answer

    async def threads(self, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.answer(**query))["threads"]
        return found

    async def thread(self, who: str = ANA, **query: str) -> dict[str, Any]:
        given = {"key": (await self.user(who)).key, **query}
        answer = await self.call("GET", "/api/thread", params=given)
        found: dict[str, Any] = answer.json()
        return found

    async def act(self, act: str, who: str = ANA, **body: Any) -> httpx.Response:
        """Do something in a conversation; the bot has done what follows."""
        key = (await self.user(who)).key
        self._mark_seen(who)
        answer = await self.call("POST", f"/api/{act}", params={"key": key}, json=body or None)
        await self.settle()
        return answer

    async def lines(self, who: str = ANA) -> list[tuple[str, str | None]]:
        """The direction and text of each message, as the thread shows it."""
        return [(one["direction"], one["text"]) for one in (await self.thread(who))["messages"]]
