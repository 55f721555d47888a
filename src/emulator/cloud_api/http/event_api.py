"""Plays another system: tells the bot an event or sends a notification, by HTTP.

docs/events.md and docs/notifications.md have what such systems send.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.http.bot_api import BotApi
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import wa_id_of
from emulator.refusals import explained, object_of


def event_routes(account: Account) -> list[Route]:
    """The routes of the phone page, and of stories, that play another system."""
    bot = BotApi(account.config)

    async def tell(request: Request) -> Response:
        """Body: {"type", "data", and what else the envelope has}; `person` may be in the query."""
        given = await request.json()
        if not isinstance(given, dict) or not isinstance(given.get("type"), str):
            raise ValueError('an event is an object with a type: {"type": "po.approved", ...}')
        answer = await bot.tell(given)
        note(request, "event", given)
        return JSONResponse(answer)

    async def notify(request: Request) -> Response:
        """Body: an item of a notification; `person` may be in the query."""
        given = await object_of(request)
        answer = await bot.notify(given)
        note(request, "notify", given)
        return JSONResponse(answer)

    def note(request: Request, kind: str, given: Mapping[str, Any]) -> None:
        if wa_id := request.query_params.get("person"):
            person = account.people.get(wa_id_of(wa_id))
            person.add({"from": "system", "type": kind, kind: given, "at": account.clock()})

    return [
        Route("/emulator/told-events", explained(tell), methods=["POST"]),
        Route("/emulator/notifications", explained(notify), methods=["POST"]),
    ]
