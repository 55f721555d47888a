"""An installation for `watch.py doctor`: a bot's webhook and Meta on ports of this machine."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.cli import commands as cli
from app.composition.features import settings_models
from app.development.given_settings import setting_names
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.loopback import LoopbackServer
from storage.engine.database import open_engine

SECRETS = {
    "access_token": "EAAdoctorsAccessToken0123456789",
    "verify_token": "doctors-verify-token",
    "app_secret": "doctors-app-secret",
}
NOWHERE = "http://127.0.0.1:9"


@dataclass
class Hook:
    """The webhook of a bot; tests make it misbehave."""

    token: str = SECRETS["verify_token"]
    takes_any: bool = False
    echoes: bool = True
    status: int = 200
    alive: dict[str, str] = field(default_factory=lambda: {"status": "ok"})

    async def verify(self, request: Request) -> Response:
        asked = request.query_params
        if asked["hub.mode"] != "subscribe":
            return Response(status_code=400)
        if not self.takes_any and asked["hub.verify_token"] != self.token:
            return Response(status_code=403)
        echo = asked["hub.challenge"] if self.echoes else "welcome"
        return PlainTextResponse(echo, status_code=self.status)

    async def live(self, request: Request) -> Response:
        return JSONResponse(self.alive)

    @property
    def app(self) -> Starlette:
        routes = [Route("/webhook", self.verify), Route("/health/live", self.live)]
        return Starlette(routes=routes)


async def _take(body: bytes, headers: dict[str, str]) -> int:
    """Webhooks, which no doctor waits for."""
    return 200


class Clinic:
    """An installation whose bot and Meta are on ports of this machine."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.set = patch.setenv
        self.unset = patch.delenv
        self.hook = Hook()
        self.url = f"sqlite:///{folder / 'bot.db'}"

    async def open(self, **changes: Any) -> None:
        self.bot = LoopbackServer(self.hook.app)
        await self.bot.start()
        callback = f"{self.bot.url}/webhook"
        given: dict[str, Any] = {"callback_url": callback, **SECRETS, **changes}
        self.config = Config(**given)
        app = create_emulator(self.config, poster=_take)
        self.account: Account = app.state.account
        self.meta = LoopbackServer(app)
        await self.meta.start()
        self.put_on()

    def put_on(self) -> None:
        """The environment of an operator."""
        for name in setting_names(settings_models()):
            self.unset(name, raising=False)
        self.set("WP_ACCESS_TOKEN", self.config.access_token)
        self.set("WP_PHONE_ID", self.config.phone_number_id)
        self.set("WP_BID", self.config.business_account_id)
        self.set("WEBHOOK_VERIFY_TOKEN", SECRETS["verify_token"])
        self.set("WHATSAPP_APP_SECRET", self.config.app_secret)
        self.set("GRAPH_API_URL", self.meta.url)
        self.set("PORT", self.bot.url.rpartition(":")[2])
        self.set("DATABASE_URL", self.url)

    async def close(self) -> None:
        await self.meta.stop()
        await self.bot.stop()

    async def run(self, *arguments: str) -> int:
        """The exit code; the command brings an event loop of its own."""
        return await asyncio.to_thread(cli.main, ["doctor", *arguments])

    def read(self, code: int, printed_text: str) -> "Told":
        """Return what the doctor printed as JSON, by the name of the check."""
        printed = json.loads(printed_text)
        assert printed["ok"] is (code == 0)
        found: Told = {}
        for one in printed["checks"]:
            assert one.keys() == {"name", "result", "said", "fix"}
            assert bool(one["fix"]) or one["result"] in ("OK", "SKIP")
            found.setdefault(one["name"], []).append(one)
        return found


def touch(engine: Engine) -> None:
    """An SQLite file is there once somebody has connected."""
    engine.connect().close()


def make(url: str, how: Callable[[Engine], object] = touch) -> None:
    engine = open_engine(url)
    how(engine)
    engine.dispose()


Told = dict[str, list[dict[str, str]]]
Run = Callable[..., Awaitable[tuple[int, Told]]]


def only(found: Told, name: str) -> tuple[str, str, str]:
    [one] = found[name]
    return one["result"], one["said"], one["fix"]


def results(found: Told) -> dict[str, set[str]]:
    return {name: {one["result"] for one in of} for name, of in found.items()}
