"""`/tenants/<business>/...`: all routes, for one business; `/webhook/<app>`: for one app."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from features.tenants.bots import TenantBots
from routes import webhook_routes

PREFIX = "/tenants"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


class Forwarded(Response):
    """The answer of the same application to a request with another path and state."""

    def __init__(self, app: ASGIApp, path: str, prefix: str, state: Mapping[str, Any]) -> None:
        super().__init__()
        self._app = app
        self._changes = {"path": path, "raw_path": path.encode(), "state": dict(state)}
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = {key: value for key, value in scope.items() if key not in _OF_ROUTE}
        root = scope.get("root_path", "") + self._prefix
        await self._app({**kept, **self._changes, "root_path": root}, receive, send)


#: What a request has got from the route that it is passed on by.
_OF_ROUTE = frozenset({"endpoint", "path_params", "route"})
router = APIRouter(include_in_schema=False)


async def verify(request: Request) -> Response:
    """Answer the check of the callback URL of an app."""
    return await webhook_routes.verify(_of_app(request))


async def receive(request: Request) -> Response:
    """Store a webhook of an app."""
    return await webhook_routes.receive(_of_app(request))


def _of_app(request: Request) -> Request:
    """Return the request as it reaches the controller of its app. Raise HTTPException."""
    controller = request.state.tenants.controllers.get(request.path_params["app"])
    if controller is None:
        raise HTTPException(404)
    scope = {**request.scope, "state": {**request.scope["state"], "webhooks": controller}}
    return Request(scope, request.receive)


async def forward(request: Request) -> Response:
    """Answer as the bot of the business does."""
    tenant = request.path_params["tenant"]
    bots: TenantBots | None = request.state.tenants.bots
    if bots is None or not bots.knows(tenant):
        return JSONResponse({"detail": "Not Found"}, 404)
    state = bots.state_of(tenant)
    if state is None:
        return JSONResponse({"detail": "The bot of this business does not run."}, 503)
    path = f"/{request.path_params['path']}"
    return Forwarded(request.app.router, path, f"{PREFIX}/{tenant}", state)


router.add_api_route("/webhook/{app}", verify, methods=["GET"])
router.add_api_route("/webhook/{app}", receive, methods=["POST"])
router.add_api_route(f"{PREFIX}/{{tenant}}/{{path:path}}", forward, methods=METHODS)
