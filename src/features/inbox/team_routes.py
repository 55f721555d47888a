"""What the pages of the inbox ask for that people do not hear of: notes, tags, who is here."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from domain.json import JsonObject
from features.inbox.api_route import InboxRoute
from features.inbox.asking import Key, inbox_of, operator_of
from features.inbox.schema import Assignment, OperatorText, Presence, Tag
from utils.storable_text import StorableText

router = APIRouter(route_class=InboxRoute)


@router.post("/api/note", status_code=204)
async def note(request: Request, key: Key, body: OperatorText) -> None:
    """Keep a note for operators."""
    await inbox_of(request).team.note(await operator_of(request), key, body.text)


@router.post("/api/assign", status_code=204)
async def assign(request: Request, key: Key, body: Assignment) -> None:
    """Give the conversation to an operator."""
    await inbox_of(request).team.assign(await operator_of(request), key, body.name)


@router.post("/api/read", status_code=204)
async def read(request: Request, key: Key) -> None:
    """Note that what the person wrote was seen."""
    await inbox_of(request).team.mark_read(await operator_of(request), key)


@router.post("/api/tag", status_code=204)
async def tag(request: Request, key: Key, body: Tag) -> None:
    """Put a tag on the person."""
    await inbox_of(request).team.tag(await operator_of(request), key, body.tag)


@router.post("/api/untag", status_code=204)
async def untag(request: Request, key: Key, body: Tag) -> None:
    """Take a tag off the person."""
    await inbox_of(request).team.untag(await operator_of(request), key, body.tag)


@router.post("/api/presence")
async def presence(
    request: Request,
    body: Presence,
    key: Annotated[StorableText, Query(max_length=200)] = "",
) -> JsonObject:
    """Note which conversation is open; return which colleagues look at it, too."""
    operator, inbox = await operator_of(request), inbox_of(request)
    looked_at = await inbox.masks.plain(key)
    return await inbox.look_at(operator, looked_at, is_typing=body.is_typing)
