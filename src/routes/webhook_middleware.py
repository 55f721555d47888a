"""ASGI middleware that answers Meta's POSTs before FastAPI, whose layers would take longer."""

from fastapi.responses import JSONResponse, Response
from loguru import logger
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from controllers.failure_text import failure_text
from controllers.webhook_controller import (
    BadRequest,
    Forbidden,
    TooManyAttempts,
    WebhookController,
)
from jobs.job_queue import Overloaded
from routes.bodies import BodyTooLarge, read_body
from utils.metrics import Metrics
from utils.tracing import span

#: Headers of answers that ask Meta to send the webhook again, in seconds.
RETRY_HEADERS = {"Retry-After": "5"}
#: Headers of answers to guessed signatures: each guess needs a new connection.
RATE_LIMITED_HEADERS = {"Retry-After": "60", "Connection": "close"}
#: Paths of the webhook, with and without a slash at the end: the first one is documented, bots of
#: this family have used the others.
PATHS = tuple(
    path + end
    for path in ("/webhook", "/webhooks/whatsapp", "/whatsapp", "/api/v1/whatsapp/webhook")
    for end in ("", "/")
)
#: Name in the state of a request: when its last byte was read (`time.monotonic`).
READ_AT = "read_at"


def _error(status: int, problem: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"status": "error", "error": problem}, status, headers)


#: Answers by type of webhook, made once: they have no state.
STORED = {
    kind: JSONResponse({"status": "ok", "type": kind})
    for kind in ("message", "status", "unknown_type")
}
NOT_STORED = _error(503, "Not stored: try again.", RETRY_HEADERS)
#: Label of the metric and answer, by error.
REFUSED: dict[type[Exception], tuple[str, Response]] = {
    BodyTooLarge: ("too_large", _error(413, "The body is larger than 3 MB.")),
    TooManyAttempts: ("forbidden", _error(429, "Too many wrong signatures.", RATE_LIMITED_HEADERS)),
    Forbidden: ("forbidden", _error(403, "The signature does not match.")),
    BadRequest: ("bad_json", _error(400, "The body is not JSON.")),
    Overloaded: (
        "overloaded",
        _error(503, "Too much at once: try again.", RETRY_HEADERS),
    ),
}


class WebhookMiddleware:
    """Answers POSTs to `PATHS` and to the root; passes everything else to the application."""

    _paths = frozenset((*PATHS, "/"))

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        try:
            response = await answer(scope, receive)
        except ClientDisconnect:  # no client to answer
            return
        start = {"type": "http.response.start", "status": response.status_code}
        await send({**start, "headers": response.raw_headers})
        await send({"type": "http.response.body", "body": response.body})


def install_webhook_middleware(app: Starlette) -> None:
    """Put the middleware before all layers of the application, also those of Starlette.

    Call it last: no middleware can be added after it.
    """
    app.middleware_stack = WebhookMiddleware(app.build_middleware_stack())


async def answer(scope: Scope, receive: Receive) -> Response:
    """Store a webhook and return the answer: 200 means that all of it is committed."""
    controller: WebhookController = scope["state"]["webhooks"]
    metrics: Metrics = scope["state"]["metrics"]
    headers = dict(scope["headers"])
    signature = headers.get(b"x-hub-signature-256", b"").decode("latin-1")
    with span(None, "webhook"):
        try:
            controller.load.ensure_capacity()
            raw = await read_body(headers, receive)
            read_at = scope["state"].get(READ_AT)
            kind = await controller.receive(
                raw, signature, address=address_of(scope), read_at=read_at
            )
        except tuple(REFUSED) as error:
            result, response = REFUSED[type(error)]
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - for any failure, Meta should redeliver
            result, response = "not_stored", NOT_STORED
            logger.opt(exception=error).error(
                "a webhook could not be stored: {}; Meta will redeliver it", failure_text(error)
            )
        else:
            result, response = "stored", STORED[kind]
            logger.debug("[WhatsAppWebhook] webhook stored: {}", kind)
    metrics.webhooks[result].inc()
    return response


def address_of(scope: Scope) -> str:
    """Return the IP address of the client; behind a trusted proxy, that of the proxy's client."""
    client = scope.get("client")
    return client[0] if client else ""
