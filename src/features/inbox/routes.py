"""What the pages of the inbox ask for."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import (
    JSONResponse,
    Response,
    StreamingResponse,
)
from pydantic import AwareDatetime

from domain.json import JsonObject
from features.inbox.access import COOKIE, AccessRefused
from features.inbox.act_routes import router as acts
from features.inbox.api_route import FileRoute, InboxRoute
from features.inbox.asking import Given, Key, inbox_of, operator_of
from features.inbox.number_routes import router as number_router
from features.inbox.operators import Operator
from features.inbox.passkey_routes import router as passkey_router
from features.inbox.push_routes import router as push_router
from features.inbox.question_routes import router as question_router
from features.inbox.reading import ListFilter, Show
from features.inbox.schema import OperatorText, SavedReply
from features.inbox.staff_routes import router as staff_router
from features.inbox.team_routes import router as team
from features.inbox.template_forms import FilledTemplate
from features.inbox.thread_view import Place
from routes.endless import mark_endless
from utils.byte_budget import NoRoom
from utils.storable_text import StorableText

#: What a file of a person may do in the browser: nothing.
MEDIA_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}
#: Beginnings of MIME types that the thread shows; other files are downloaded.
SHOWN_TYPES = ("audio/", "image/jpeg", "image/png", "image/webp", "video/mp4")

router = APIRouter(prefix="/inbox", tags=["inbox"], route_class=InboxRoute, include_in_schema=False)

files = APIRouter(route_class=FileRoute)


@router.get("/api/threads")
async def threads(
    request: Request,
    show: Show = Show.ALL,
    search: Annotated[StorableText, Query(max_length=100)] = "",
    before: AwareDatetime | None = None,
    number: Annotated[StorableText, Query(max_length=100)] = "",
    tag: Annotated[StorableText, Query(max_length=200)] = "",
    minutes: Annotated[int, Query(ge=0, le=525_600)] = 0,
    until: AwareDatetime | None = None,
) -> JsonObject:
    """Return a page of conversations, and how many people wait."""
    operator = await operator_of(request)
    wanted = ListFilter(show, search, before, number, tag, minutes, until)
    return await inbox_of(request).threads(operator, wanted)


@router.get("/api/thread")
async def thread(
    request: Request,
    key: Key,
    before: AwareDatetime | None = None,
    around: AwareDatetime | None = None,
) -> Response:
    """Return one conversation and its person; 404 if there is none."""
    operator = await operator_of(request)
    found = await inbox_of(request).thread(operator, key, Place(before, around))
    return JSONResponse(found) if found is not None else Response(status_code=404)


@router.post("/api/reply", status_code=204)
async def reply(request: Request, key: Key, body: OperatorText) -> None:
    """Send a text to the person."""
    operator = await operator_of(request)
    inbox = inbox_of(request)
    quotes = await inbox.masks.plain(body.quotes) if body.quotes else None
    await inbox.acts.reply(operator, key, body.text, quotes, body.seen, hands_back=body.hands_back)


@files.post("/api/file", status_code=204)
async def send_file(
    request: Request,
    key: Key,
    name: Annotated[StorableText, Query(min_length=1, max_length=240)],
    caption: Annotated[StorableText, Query(max_length=1024)] = "",
) -> None:
    """Send the body of the request as a file."""
    operator, content = await operator_of(request), await request.body()
    await inbox_of(request).sent_files.send(operator, key, content, name, caption)


@router.get("/api/templates")
async def templates(request: Request) -> JsonObject:
    """Return the templates that an operator can fill in."""
    await operator_of(request)
    return {"templates": await inbox_of(request).templates.choices()}


@router.post("/api/template", status_code=204)
async def send_template(request: Request, key: Key, body: FilledTemplate) -> None:
    """Send a template."""
    operator = await operator_of(request)
    await inbox_of(request).templates.send(operator, key, body)


@files.post("/api/template-file")
async def upload_template_file(
    request: Request,
    key: Key,
    name: Annotated[StorableText, Query(min_length=1, max_length=240)],
    kind: Literal["image", "video", "document"],
) -> JsonObject:
    """Upload the body of the request, for the header of a template."""
    await operator_of(request)
    return await inbox_of(request).templates.upload(key, await request.body(), name, kind)


@router.get("/api/saved")
async def saved_replies(request: Request) -> JsonObject:
    """Return the saved replies of all operators."""
    await operator_of(request)
    return {"replies": await inbox_of(request).saved_replies.all()}


@router.post("/api/saved", status_code=204)
async def save_reply(request: Request, body: SavedReply) -> None:
    """Save a reply."""
    operator = await operator_of(request)
    await inbox_of(request).saved_replies.save(operator, body.name, body.text)


@router.delete("/api/saved", status_code=204)
async def remove_reply(request: Request, name: Given) -> None:
    """Remove a saved reply."""
    await operator_of(request)
    await inbox_of(request).saved_replies.remove(name)


@router.post("/api/take", status_code=204)
async def take(request: Request, key: Key) -> None:
    """Take the conversation over from the bot."""
    await inbox_of(request).acts.take(await operator_of(request), key)


@router.post("/api/hand-back", status_code=204)
async def hand_back(request: Request, key: Key) -> None:
    """Let the bot answer again."""
    await inbox_of(request).acts.hand_back(await operator_of(request), key)


@router.get("/api/media")
async def media(request: Request, id: Given) -> Response:
    """Return the file of a message, as Meta keeps it."""
    await operator_of(request)
    inbox = inbox_of(request)
    wanted = request.headers.get("range", "")
    try:
        found = await inbox.media.open(await inbox.masks.plain(id), wanted)
    except NoRoom:
        raise AccessRefused(503, "Too many files are read at this moment. Try again.") from None
    if found is None:
        raise AccessRefused(404, "Meta does not keep this file any more.")
    part, is_shown = found.part, found.mime_type.startswith(SHOWN_TYPES)
    headers = MEDIA_HEADERS | {
        "Content-Disposition": "inline" if is_shown else "attachment",
        "Content-Length": str(part.size),
    }
    if not part.is_whole:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{found.size}"
    kind = found.mime_type if is_shown else "application/octet-stream"
    status = 200 if part.is_whole else 206
    return StreamingResponse(found.content, status, headers, kind)


@router.get("/api/scripts")
async def scripts(request: Request) -> JsonObject:
    """Return the scripts that other features add to the page, by their paths below /inbox."""
    await operator_of(request)
    return {"scripts": [*inbox_of(request).scripts]}


@router.get("/api/feed")
async def feed(request: Request) -> Response:
    """Stream the conversations that changed, as server-sent events."""
    inbox, first = inbox_of(request), await operator_of(request)

    async def see(operator: Operator) -> None:
        await inbox.staff.see(operator, inbox.clock())

    await see(first)
    mark_endless(request.scope)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    events = inbox.feed.events(request.cookies[COOKIE], see)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


router.include_router(files)
router.include_router(team)
router.include_router(acts)
router.include_router(number_router)
router.include_router(question_router)
router.include_router(staff_router)
router.include_router(passkey_router)
router.include_router(push_router)
