"""Errors of the emulator's own pages: 400, and a sentence."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Handler = Callable[[Request], Awaitable[Response]]


def explained(handle: Handler) -> Handler:
    """Answer a ValueError with 400 and {"error": its text}."""

    @wraps(handle)
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


async def object_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request carries; ValueError if it carries none."""
    given = await request.json()
    if not isinstance(given, dict):
        raise ValueError("The body is not a JSON object.")
    return given
