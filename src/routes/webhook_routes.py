"""Routes of the webhook: one handler, under every path that bots of this family have used."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.requests import ClientDisconnect

from controllers.webhook_controller import Forbidden, TooManyAttempts, WebhookController
from routes.webhook_middleware import PATHS, RATE_LIMITED_HEADERS, address_of, answer

WELCOME = {"message": "Nothing to see here. Checkout README.md to start."}

Responses = dict[int | str, dict[str, Any]]
ANSWERS: Responses = {
    200: {"description": "All of it is stored"},
    400: {"description": "Not JSON"},
    403: {"description": "Not signed by Meta"},
    413: {"description": "Larger than 3 MB"},
    429: {"description": "Too many wrong signatures"},
    503: {"description": "Not stored: try again"},
}
WEBHOOK = {
    "requestBody": {
        "required": True,
        "description": "A webhook as Meta sends it; whatever is JSON is kept.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
CHALLENGED: Responses = {
    200: {"description": "The challenge", "content": {"text/plain": {}}},
    403: {"description": "Another verify token than ours"},
    429: {"description": "Too many attempts"},
}
CHALLENGE = {
    "parameters": [
        {"name": f"hub.{name}", "in": "query", "schema": {"type": "string"}}
        for name in ("mode", "verify_token", "challenge")
    ]
}

router = APIRouter(tags=["whatsapp-webhooks"])


async def receive(request: Request) -> Response:
    """Store a webhook that the middleware passed on, such as one below a root path."""
    try:
        return await answer(request.scope, request.receive)
    except ClientDisconnect:
        return Response(status_code=400)


async def verify(request: Request) -> Response:
    """Answer the check of the callback URL by Meta."""
    controller: WebhookController = request.state.webhooks
    asked = request.query_params
    try:
        challenge = controller.verify(
            asked.get("hub.mode"),
            asked.get("hub.verify_token"),
            asked.get("hub.challenge"),
            address=address_of(request.scope),
        )
    except TooManyAttempts:
        return PlainTextResponse("Too many attempts", status_code=429, headers=RATE_LIMITED_HEADERS)
    except Forbidden:
        return PlainTextResponse("Forbidden", status_code=403)
    return PlainTextResponse(challenge)


@router.get("/", include_in_schema=False)
async def root(request: Request) -> Response:
    """Answer the check of a callback URL without a path; otherwise point to README.md."""
    if any(name.startswith("hub.") for name in request.query_params):
        return await verify(request)
    return JSONResponse(WELCOME)


for path in PATHS:
    is_documented = path == PATHS[0]
    router.add_api_route(
        path,
        verify,
        response_class=PlainTextResponse,
        responses=CHALLENGED,
        openapi_extra=CHALLENGE,
        include_in_schema=is_documented,
    )
    router.add_api_route(
        path,
        receive,
        methods=["POST"],
        responses=ANSWERS,
        openapi_extra=WEBHOOK,
        include_in_schema=is_documented,
    )
router.add_api_route("/", receive, methods=["POST"], include_in_schema=False)
