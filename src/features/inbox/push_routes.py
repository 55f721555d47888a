"""What browsers ask for to be told while the inbox is closed."""

from fastapi import APIRouter, Request

from domain.json import JsonObject
from features.inbox.api_route import InboxRoute
from features.inbox.asking import inbox_of, operator_of
from features.inbox.schema import PushBrowser

router = APIRouter(route_class=InboxRoute)


@router.get("/api/push")
async def key(request: Request) -> JsonObject:
    """Return the key of the bot that push services check; null if nothing is pushed."""
    await operator_of(request)
    return {"key": await inbox_of(request).pushes.public_key()}


@router.post("/api/push", status_code=204)
async def add(request: Request, body: PushBrowser) -> None:
    """Tell this browser from now on."""
    operator = await operator_of(request)
    await inbox_of(request).pushes.add(operator, body.endpoint)


@router.delete("/api/push", status_code=204)
async def remove(request: Request, endpoint: str) -> None:
    """Tell this browser nothing more."""
    await operator_of(request)
    await inbox_of(request).pushes.remove(endpoint)
