"""What the pages of the inbox ask for that changes how the bot deals with a person."""

from fastapi import APIRouter, Request

from domain.json import JsonObject
from features.inbox.access import AccessRefused
from features.inbox.api_route import InboxRoute
from features.inbox.asking import Given, Key, inbox_of, operator_of
from features.inbox.schema import Confirmation, FlowName, Reaction, ScheduledText

router = APIRouter(route_class=InboxRoute)


@router.post("/api/close", status_code=204)
async def close(request: Request, key: Key) -> None:
    """Note that all is done."""
    await inbox_of(request).people.close(await operator_of(request), key)


@router.post("/api/block", status_code=204)
async def block(request: Request, key: Key) -> None:
    """Have nobody answer a person any more."""
    await inbox_of(request).people.block(await operator_of(request), key)


@router.post("/api/unblock", status_code=204)
async def unblock(request: Request, key: Key) -> None:
    """Have the bot answer a blocked person again."""
    await inbox_of(request).people.unblock(await operator_of(request), key)


@router.post("/api/react", status_code=204)
async def react(request: Request, key: Key, body: Reaction) -> None:
    """Put an emoji on a message."""
    operator = await operator_of(request)
    message_id = await inbox_of(request).masks.plain(body.message_id)
    await inbox_of(request).people.react(operator, key, message_id, body.emoji)


@router.post("/api/flow", status_code=204)
async def start_flow(request: Request, key: Key, body: FlowName) -> None:
    """Have the bot start a flow."""
    await inbox_of(request).people.start_flow(await operator_of(request), key, body.name)


@router.post("/api/call", status_code=204)
async def call(request: Request, key: Key) -> None:
    """Have the bot call a person."""
    await inbox_of(request).people.call(await operator_of(request), key)


@router.post("/api/later", status_code=204)
async def send_later(request: Request, key: Key, body: ScheduledText) -> None:
    """Keep a text to send at a time."""
    await inbox_of(request).later.put(await operator_of(request), key, body.text, body.at)


@router.delete("/api/later", status_code=204)
async def remove_later(request: Request, key: Key, id: Given) -> None:
    """Send a message not at all."""
    await inbox_of(request).later.remove(await operator_of(request), key, id)


@router.post("/api/draft")
async def draft(request: Request, key: Key) -> JsonObject:
    """Return a draft of an answer."""
    await operator_of(request)
    return {"text": await inbox_of(request).drafts.write(key)}


@router.post("/api/summary")
async def summary(request: Request, key: Key) -> JsonObject:
    """Return a summary of what was said."""
    await operator_of(request)
    return {"text": await inbox_of(request).drafts.write(key, is_summary=True)}


@router.post("/api/erase")
async def erase(request: Request, key: Key, body: Confirmation) -> JsonObject:
    """Erase all about a person, for supervisors."""
    operator = await operator_of(request)
    if not operator.is_supervisor:
        raise AccessRefused(403, "Only supervisors erase people.")
    return {"is_done": await inbox_of(request).erasure.erase(operator, key, body.name)}
