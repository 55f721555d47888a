"""What the panel of live calls asks for, on the pages of the inbox."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from domain.json import JsonObject
from features.calls.operators import Wish
from features.inbox.api_route import InboxRoute
from features.inbox.asking import Given, inbox_of, operator_of
from features.inbox.page_routes import PAGE_HEADERS
from features.operator_calls.taking import TakenCalls
from utils.storable_text import StorableText

PAGES = Path(__file__).with_name("pages")
#: Longest SDP of a browser, in characters: the engine takes no longer one.
MAX_SDP_CHARS = 16_384

router = APIRouter(prefix="/inbox", tags=["inbox"], route_class=InboxRoute, include_in_schema=False)


class Offer(BaseModel):
    """The offer of an operator's browser. `leg` is chosen by the page."""

    leg: StorableText = Field(min_length=8, max_length=64)
    sdp: StorableText = Field(min_length=1, max_length=MAX_SDP_CHARS)


class Ending(BaseModel):
    """What an operator in a call wants."""

    wish: Wish


@router.get("/calls/{name}")
async def page_file(name: str) -> Response:
    """Return a script or a style."""
    found = next((one for one in PAGES.iterdir() if one.name == name), None)
    if found is None:
        return Response(status_code=404)
    return FileResponse(found, headers=PAGE_HEADERS)


@router.get("/api/calls")
async def calls(request: Request) -> JsonObject:
    """Return the calls in which people talk."""
    return await _calls_of(request).all(await operator_of(request))


@router.post("/api/calls/take")
async def take(request: Request, call: Given, body: Offer) -> JsonObject:
    """Take a call over. Return the SDP answer."""
    operator = await operator_of(request)
    call_id = await inbox_of(request).masks.plain(call)
    return {"sdp": await _calls_of(request).take(operator, call_id, body.leg, body.sdp)}


@router.post("/api/calls/end", status_code=204)
async def end(request: Request, leg: Given, body: Ending) -> None:
    """Hang up, or let the bot go on."""
    await _calls_of(request).end(await operator_of(request), leg, body.wish)


def _calls_of(request: Request) -> TakenCalls:
    found: TakenCalls = request.state.operator_calls
    return found
