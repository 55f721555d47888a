"""What is compared: an endpoint that stores nothing, our intake alone, and Meta's place."""

import gc
import hashlib
import hmac
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qs

from benchmarks.bodies import SECRET
from fastapi import FastAPI, Request, Response
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from app.assembly import make_state
from app.database import usable_engine
from app.start import settings_or_exit
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from routes import webhook_routes
from schemas.webhook_schema import WebhookMessage
from storage.group_commit import GroupCommit
from utils.metrics import Metrics


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


def create_intake() -> FastAPI:
    """The real webhook route and database, and nobody who works on what is stored."""
    settings = settings_or_exit()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        with usable_engine(settings) as engine:
            database = GroupCommit(engine)
            state = make_state(settings, database, [], Metrics())
            gc.freeze()
            yield {field.name: getattr(state, field.name) for field in fields(state)}
            await database.close()

    return FastAPI(lifespan=lifespan, routes=webhook_routes.routes)


def create_emulator_without_limits() -> Starlette:
    """The emulator as it is, for a number of unlimited speed."""
    config = Config.from_environment()
    return create_emulator(
        replace(config, messages_per_second=0, limit_pairs=False, window_seconds=0)
    )


class Sink:
    """Answers like Meta as fast as can be, and counts messages; GET tells how many.

    As a callback URL it takes every webhook.
    """

    def __init__(self) -> None:
        self._messages = itertools.count()
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        answer = str(self._count).encode()
        if challenge := parse_qs(scope["query_string"]).get(b"hub.challenge"):
            answer = challenge[0]
        if scope["method"] == "POST":
            answer = b'{"success":true}'
            if b'"status": "read"' not in body:
                self._count += 1
                answer = b'{"messages":[{"id":"wamid.%d"}]}' % next(self._messages)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


sink = Sink()
