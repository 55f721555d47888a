"""Where Meta calls: one handler, under every path that bots of this family have used."""

from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute, Route

from controllers.webhook_controller import BadRequest, Forbidden, WebhookController

#: Meta's largest webhook body.
LARGEST_BODY = 3 * 1024 * 1024
PATHS = ("/webhook", "/webhooks/whatsapp", "/whatsapp", "/api/v1/whatsapp/webhook")
WELCOME = {"message": "Nothing to see here. Checkout README.md to start."}
#: Made once: an answer has no state of its own.
STORED = {
    kind: JSONResponse({"status": "ok", "type": kind})
    for kind in ("message", "status", "unknown_type")
}


async def verify(request: Request) -> Response:
    """Meta checks that the callback URL is ours."""
    controller: WebhookController = request.state.webhooks
    asked = request.query_params
    try:
        challenge = controller.verify(
            asked.get("hub.mode"), asked.get("hub.verify_token"), asked.get("hub.challenge")
        )
    except Forbidden:
        return PlainTextResponse("Forbidden", status_code=403)
    return PlainTextResponse(challenge)


async def receive(request: Request) -> Response:
    """Store a webhook; 200 means that all of it is committed."""
    controller: WebhookController = request.state.webhooks
    metrics = request.state.metrics.webhooks
    raw = await read_body(request)
    if raw is None:
        metrics["too_large"].inc()
        return _error(413, "The body is larger than 3 MB.")
    try:
        kind = await controller.receive(raw, request.headers.get("x-hub-signature-256"))
    except Forbidden:
        metrics["forbidden"].inc()
        return _error(403, "The signature does not match.")
    except BadRequest:
        metrics["bad_json"].inc()
        return _error(400, "The body is not JSON.")
    except (SQLAlchemyError, OSError) as error:
        metrics["not_stored"].inc()
        logger.opt(exception=error).error("a webhook could not be stored; Meta will redeliver it")
        return _error(503, "Not stored: try again.", {"Retry-After": "5"})
    metrics["stored"].inc()
    return STORED[kind]


async def root(request: Request) -> Response:
    """The webhook's handshake, for whoever registered the bare address; else a friendly word."""
    if any(name.startswith("hub.") for name in request.query_params):
        return await verify(request)
    return JSONResponse(WELCOME)


async def read_body(request: Request) -> bytes | None:
    """The raw bytes; None once they are too many, without reading on."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_BODY:
        return None
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _error(status: int, problem: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"status": "error", "error": problem}, status, headers)


#: Plain routes: FastAPI's own would look for parameters of a body that must be read raw.
routes: list[BaseRoute] = [
    *(Route(path, receive, methods=["POST"]) for path in (*PATHS, "/")),
    *(Route(path, verify, methods=["GET"]) for path in PATHS),
    Route("/", root, methods=["GET"]),
]
