"""A feed as server-sent events."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from emulator.feed import Feed


def event_stream(feed: Feed, request: Request) -> Response:
    """Events after `after`, or after the last one that the browser saw before it lost us."""
    seen = request.headers.get("last-event-id") or request.query_params.get("after", "0")

    async def stream() -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        async for number, event in feed.since(int(seen)):
            yield f"id: {number}\ndata: {json.dumps(event)}\n\n"

    headers = {"Cache-Control": "no-cache"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)
