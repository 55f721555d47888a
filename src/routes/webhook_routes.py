"""Where Meta calls: one handler, under every path that bots of this family have used."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from controllers.webhook_controller import BadRequest, Forbidden, TooManyAttempts, WebhookController
from storage.group_commit import Overloaded
from storage.problems import problem_of
from utils.correlation import part_of
from utils.metrics import Metrics

#: Meta's largest webhook body.
LARGEST_BODY = 3 * 1024 * 1024
#: Of bodies that are being stored at any moment; parsed they take several times as much.
MOST_BYTES = 128 * 1024 * 1024
RETRY = {"Retry-After": "5"}
#: Each guess costs a connection of its own.
GUESSING = {"Retry-After": "60", "Connection": "close"}
PATHS = ("/webhook", "/webhooks/whatsapp", "/whatsapp", "/api/v1/whatsapp/webhook")
WELCOME = {"message": "Nothing to see here. Checkout README.md to start."}
#: Made once: an answer has no state of its own.
STORED = {
    kind: JSONResponse({"status": "ok", "type": kind})
    for kind in ("message", "status", "unknown_type")
}


class BodyTooLarge(Exception):
    """More than Meta ever sends."""


class WebhookDoor:
    """Middleware that takes Meta's POSTs ahead of the framework, see `open_door`.

    Its layers cost more than to verify, parse and store a message.
    """

    _paths = frozenset((*PATHS, "/"))

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        try:
            with part_of(None, "webhook"):
                response = await self._answer(scope, receive)
        except ClientDisconnect:  # nobody is there to be answered
            return
        start = {"type": "http.response.start", "status": response.status_code}
        await send({**start, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        metrics: Metrics = scope["state"]["metrics"]
        headers = dict(scope["headers"])
        try:
            raw = await read_body(headers, receive)
        except BodyTooLarge:
            metrics.webhooks["too_large"].inc()
            return _error(413, "The body is larger than 3 MB.")
        if self._bytes + len(raw) > MOST_BYTES:
            metrics.webhooks["overloaded"].inc()
            return _error(503, "Too much at once: try again.", RETRY)
        self._bytes += len(raw)
        try:
            return await store(scope["state"]["webhooks"], metrics, headers, raw, _address(scope))
        finally:
            self._bytes -= len(raw)


def open_door(app: Starlette) -> None:
    """Put the door before all layers of the application, Starlette's own too.

    To be called last: no middleware can be added after it.
    """
    app.middleware_stack = WebhookDoor(app.build_middleware_stack())


async def store(
    controller: WebhookController,
    metrics: Metrics,
    headers: Mapping[bytes, bytes],
    raw: bytes,
    address: str,
) -> Response:
    """Store a webhook; 200 means that all of it is committed."""
    signature = headers.get(b"x-hub-signature-256", b"").decode("latin-1")
    try:
        kind = await controller.receive(raw, signature, address=address)
    except TooManyAttempts:
        metrics.webhooks["forbidden"].inc()
        return _error(429, "Too many wrong signatures.", GUESSING)
    except Forbidden:
        metrics.webhooks["forbidden"].inc()
        return _error(403, "The signature does not match.")
    except BadRequest:
        metrics.webhooks["bad_json"].inc()
        return _error(400, "The body is not JSON.")
    except Overloaded:
        metrics.webhooks["overloaded"].inc()
        return _error(503, "The database is behind: try again.", RETRY)
    except (SQLAlchemyError, OSError) as error:
        metrics.webhooks["not_stored"].inc()
        logger.opt(exception=error).error(
            "a webhook could not be stored: {}; Meta will redeliver it", problem_of(error).what
        )
        return _error(503, "Not stored: try again.", RETRY)
    metrics.webhooks["stored"].inc()
    logger.debug("webhook stored: {}", kind)
    return STORED[kind]


async def verify(request: Request) -> Response:
    """Meta checks that the callback URL is ours."""
    controller: WebhookController = request.state.webhooks
    asked = request.query_params
    try:
        challenge = controller.verify(
            asked.get("hub.mode"),
            asked.get("hub.verify_token"),
            asked.get("hub.challenge"),
            address=_address(request.scope),
        )
    except TooManyAttempts:
        return PlainTextResponse("Too many attempts", status_code=429, headers=GUESSING)
    except Forbidden:
        return PlainTextResponse("Forbidden", status_code=403)
    return PlainTextResponse(challenge)


async def root(request: Request) -> Response:
    """The webhook's handshake, for whoever registered the bare address; else a friendly word."""
    if any(name.startswith("hub.") for name in request.query_params):
        return await verify(request)
    return JSONResponse(WELCOME)


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """The raw bytes; BodyTooLarge once they are too many, without reading on."""
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise BodyTooLarge
    chunks, size, more = [], 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise BodyTooLarge
        more = event.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _address(scope: Scope) -> str:
    """As uvicorn knows it: behind a proxy that it trusts, of who asked the proxy."""
    client = scope.get("client")
    return client[0] if client else ""


def _error(status: int, problem: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"status": "error", "error": problem}, status, headers)


#: Plain routes: FastAPI's own would look for parameters of a body that must be read raw.
routes: list[BaseRoute] = [Route(path, verify, methods=["GET"]) for path in PATHS]
routes.append(Route("/", root, methods=["GET"]))
