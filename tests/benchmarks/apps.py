"""What is compared: endpoints that store nothing, our intake alone, the emulator without limits."""

import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from tests.benchmarks.bodies import SECRET

from app.composition.app_state import make_state
from app.composition.bot import build_bot
from app.composition.database import usable_engine
from app.runtime.bootstrap import open_log, settings_or_exit
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from routes.webhook_middleware import install_webhook_middleware
from schemas.webhook_schema import WebhookMessage
from storage.engine.group_commit import GroupCommit
from utils.gc_tuning import tuned_gc
from utils.metrics import Metrics

OK = b'{"status":"ok"}'
OK_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(OK))]


def create_bare() -> FastAPI:
    """Checks the signature, parses, answers. Whatever else a bot does comes on top."""
    app = FastAPI()

    @app.post("/webhook")
    async def receive(request: Request) -> Response:
        raw = await request.body()
        expected = hmac.digest(SECRET.encode(), raw, hashlib.sha256).hex()
        given = request.headers.get("x-hub-signature-256", "")
        if not hmac.compare_digest(given, f"sha256={expected}"):
            return Response(status_code=403)
        WebhookMessage.model_validate_json(raw)
        return Response(b'{"status":"ok"}', media_type="application/json")

    return app


async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """The fastest answer that uvicorn can give."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": OK_HEADERS})
    await send({"type": "http.response.body", "body": OK})


def create_intake() -> FastAPI:
    """The real webhook route and database, and nobody who works on what is stored."""
    settings = settings_or_exit()
    open_log(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        with usable_engine(settings) as engine:
            database = GroupCommit(engine)
            http = httpx.AsyncClient()
            state = make_state(build_bot(settings, database, http, Metrics()))
            with tuned_gc():
                yield state.by_name()
            await database.close()
            await http.aclose()

    app = FastAPI(
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    install_webhook_middleware(app)
    return app


def create_emulator_without_limits() -> Starlette:
    """The emulator as it is, for a number of unlimited speed."""
    config = Config.from_environment()
    return create_emulator(
        replace(config, messages_per_second=0, limit_pairs=False, window_seconds=0)
    )
