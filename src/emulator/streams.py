"""A feed as server-sent events."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from emulator.feed import Feed


def event_stream(feed: Feed, request: Request) -> Response:
    """Stream the events after `after`, or after the last one that the browser has seen.

    A page that followed an earlier run of the emulator gets the event "restarted" first.
    """
    seen = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    number = feed.number_of(seen)

    async def stream() -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        start = feed.last if number is None else number
        if number is None:
            yield f"id: {feed.place(start)}\nevent: restarted\ndata: {{}}\n\n"
        async for last, event in feed.since(start):
            yield f"id: {feed.place(last)}\ndata: {json.dumps(event)}\n\n"

    headers = {"Cache-Control": "no-cache"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)
