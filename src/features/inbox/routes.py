"""`/inbox`: the pages of operators, and what they ask for."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import (
    FileResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.json import JsonObject
from features.inbox.access import AccessRefused, InboxAccess, set_cookie
from features.inbox.api_route import FileRoute, InboxRoute
from features.inbox.inbox import Inbox
from features.inbox.operators import Operator, Role
from features.inbox.reading import Show, Wanted
from routes.endless import mark_endless
from utils.storable_text import StorableText

PAGES = Path(__file__).with_name("pages")
#: Nothing of a page comes from elsewhere, and no other page may show it in a frame.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: What a file of a person may do in the browser: nothing.
MEDIA_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}
#: Beginnings of MIME types that the thread shows; other files are downloaded.
SHOWN_TYPES = ("audio/", "image/jpeg", "image/png", "image/webp", "video/mp4")

router = APIRouter(prefix="/inbox", tags=["inbox"], route_class=InboxRoute, include_in_schema=False)

files = APIRouter(route_class=FileRoute)
Key = Annotated[StorableText, Query(min_length=1, max_length=200)]


class SignIn(BaseModel):
    """The secret of a link."""

    token: str = Field(min_length=1, max_length=200)


class Said(BaseModel):
    """A reply, or a note."""

    model_config = ConfigDict(extra="forbid")

    text: StorableText = Field(max_length=20_000)
    quotes: StorableText | None = Field(None, max_length=200)


class FilledTemplate(BaseModel):
    """A template, and the values of its variables by their names."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText = Field(max_length=600)
    language: StorableText = Field(max_length=20)
    values: dict[str, StorableText] = Field(max_length=100)


class Assigned(BaseModel):
    """Who takes care of a conversation."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText | None = Field(None, max_length=100)


@router.get("")
async def inbox(request: Request) -> Response:
    """Return the page, or lead to the sign-in page."""
    if await _access(request).find(request) is None:
        return RedirectResponse("/inbox/sign-in", 303)
    return FileResponse(PAGES / "index.html", headers=PAGE_HEADERS)


@router.get("/sign-in")
async def sign_in_page() -> Response:
    """Return the page that a link opens; the secret is behind the #, which no server sees."""
    return FileResponse(PAGES / "sign-in.html", headers=PAGE_HEADERS)


@router.get("/pages/{name}")
async def page_file(name: str) -> Response:
    """Return a script or a style."""
    found = next((one for one in PAGES.iterdir() if one.name == name), None)
    if found is None or found.suffix not in (".css", ".js"):
        return Response(status_code=404)
    return FileResponse(found, headers=PAGE_HEADERS)


@router.post("/api/session")
async def sign_in(request: Request, body: SignIn) -> Response:
    """Open a session."""
    secret = await _access(request).sign_in(request, body.token)
    response = Response(status_code=204)
    forwarded = request.headers.get("x-forwarded-proto") == "https"
    set_cookie(response, secret, is_https=forwarded or request.url.scheme == "https")
    return response


@router.delete("/api/session")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await _operator(request)
    await _access(request).sign_out(request)
    response = Response(status_code=204)
    response.delete_cookie("inbox_session", path="/inbox")
    return response


@router.get("/api/threads")
async def threads(
    request: Request,
    show: Show = Show.ALL,
    search: Annotated[StorableText, Query(max_length=100)] = "",
    before: AwareDatetime | None = None,
) -> JsonObject:
    """Return a page of conversations, and how many people wait."""
    operator = await _operator(request)
    return await _inbox(request).threads(operator, Wanted(show, search, before))


@router.get("/api/thread")
async def thread(request: Request, key: Key, before: AwareDatetime | None = None) -> Response:
    """Return one conversation and its person; 404 if there is none."""
    await _operator(request)
    found = await _inbox(request).thread(key, before)
    return JSONResponse(found) if found is not None else Response(status_code=404)


@router.post("/api/reply", status_code=204)
async def reply(request: Request, key: Key, body: Said) -> None:
    """Send a text to the person."""
    await _inbox(request).acts.reply(await _operator(request), key, body.text, body.quotes)


@files.post("/api/file", status_code=204)
async def send_file(
    request: Request,
    key: Key,
    name: Annotated[StorableText, Query(min_length=1, max_length=240)],
    caption: Annotated[StorableText, Query(max_length=1024)] = "",
) -> None:
    """Send the body of the request as a file."""
    operator, content = await _operator(request), await request.body()
    await _inbox(request).sent_files.send(operator, key, content, name, caption)


@router.get("/api/templates")
async def templates(request: Request) -> JsonObject:
    """Return the templates that an operator can fill in."""
    await _operator(request)
    return {"templates": await _inbox(request).templates.choices()}


@router.post("/api/template", status_code=204)
async def send_template(request: Request, key: Key, body: FilledTemplate) -> None:
    """Send a template."""
    operator = await _operator(request)
    sender = _inbox(request).templates
    await sender.send(operator, key, body.name, body.language, body.values)


@router.post("/api/note", status_code=204)
async def note(request: Request, key: Key, body: Said) -> None:
    """Keep a note for operators."""
    await _inbox(request).acts.note(await _operator(request), key, body.text)


@router.post("/api/take", status_code=204)
async def take(request: Request, key: Key) -> None:
    """Take the conversation over from the bot."""
    await _inbox(request).acts.take(await _operator(request), key)


@router.post("/api/hand-back", status_code=204)
async def hand_back(request: Request, key: Key) -> None:
    """Let the bot answer again."""
    await _inbox(request).acts.hand_back(await _operator(request), key)


@router.post("/api/assign", status_code=204)
async def assign(request: Request, key: Key, body: Assigned) -> None:
    """Give the conversation to an operator."""
    await _inbox(request).acts.assign(await _operator(request), key, body.name)


@router.post("/api/read", status_code=204)
async def read(request: Request, key: Key) -> None:
    """Note that what the person wrote was seen."""
    await _inbox(request).acts.mark_read(await _operator(request), key)


@router.get("/api/media")
async def media(request: Request, id: Key) -> Response:
    """Return the file of a message, as Meta keeps it."""
    await _operator(request)
    found = await _inbox(request).media(id)
    if found is None:
        raise AccessRefused(404, "Meta does not keep this file any more.")
    content, mime_type = found
    shown = mime_type if mime_type.startswith(SHOWN_TYPES) else "application/octet-stream"
    place = "inline" if shown == mime_type else "attachment"
    return Response(content, 200, MEDIA_HEADERS | {"Content-Disposition": place}, shown)


@router.get("/api/audit")
async def audit(request: Request) -> JsonObject:
    """Return what operators did lately, to supervisors."""
    operator = await _operator(request)
    if operator.role is Role.AGENT:
        raise AccessRefused(403, "Only supervisors see this.")
    return {"acts": await _inbox(request).audit()}


@router.get("/api/feed")
async def feed(request: Request) -> Response:
    """Stream the keys of conversations that changed, as server-sent events."""
    await _operator(request)

    async def is_signed_in() -> bool:
        return await _access(request).find(request) is not None

    mark_endless(request.scope)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    events = _inbox(request).feed.events(is_signed_in)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


router.include_router(files)


async def _operator(request: Request) -> Operator:
    return await _access(request).operator(request)


def _access(request: Request) -> InboxAccess:
    access: InboxAccess = request.state.inbox_access
    return access


def _inbox(request: Request) -> Inbox:
    inbox: Inbox = request.state.inbox
    return inbox
