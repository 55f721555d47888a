"""Plays another system: tells the bot an event by HTTP, as docs/events.md has it."""

import json
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.config import Config
from emulator.refusals import explained

ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=20)
NO_KEY = "The bot has no key for this: set NOTIFICATIONS_API_KEY, and start again."


def event_routes(config: Config) -> list[Route]:
    """The route of the phone page that tells an event."""

    async def tell(request: Request) -> Response:
        """Body: {"type", "data", and what else the envelope has}."""
        given = await request.json()
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            raise ValueError('an event is an object with a type: {"type": "po.approved", ...}')
        if not config.api_key:
            raise ValueError(NO_KEY)
        try:
            answer = await _post(config, given)
        except aiohttp.ClientError as error:
            raise ValueError("the bot does not answer") from error
        return JSONResponse(answer)

    return [Route("/emulator/told-events", explained(tell), methods=["POST"])]


async def _post(config: Config, event: dict[str, Any]) -> Any:
    """Return the bot's answer. Raise ValueError with what it refuses."""
    bot = urlsplit(config.callback_url)
    url = f"{bot.scheme}://{bot.netloc}/api/v1/events/{quote(event['type'], safe='')}"
    headers = {"Authorization": f"Bearer {config.api_key}"}
    async with (
        aiohttp.ClientSession(timeout=ANSWER_TIMEOUT) as session,
        session.post(url, json=event, headers=headers) as answer,
    ):
        if answer.status == 202:
            return await answer.json()
        raise ValueError(_reason(answer.status, await answer.text(), answer.content_type))


def _reason(status: int, body: str, content_type: str) -> str:
    """Return why the bot refused an event, as its errors say it."""
    if content_type != "application/json":
        return f"the bot answered {status}: is its feature `events` there?"
    errors = json.loads(body).get("errors") or []
    told = " ".join(f"{one['message']} {one['fix']}".strip() for one in errors)
    return told or f"the bot answered {status}: is its feature `events` there?"
