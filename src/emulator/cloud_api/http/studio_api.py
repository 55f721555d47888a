"""Starting people afresh, and the clock that emulator and bot share."""

import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.fresh_start import (
    find_person,
    forget,
    identifiers,
    move_clock,
)
from emulator.refusals import explained, object_of

#: Longest wait of a bot for new orders, and of a page for a bot that carries one out.
MAX_WAIT_SECONDS = 5.0
#: Longest move of the clock.
MAX_MOVE_SECONDS = 366 * 86_400


def studio_routes(account: Account) -> list[Route]:
    """Their part of /emulator/."""
    studio = _Studio(account)
    return [
        Route("/emulator/clock", explained(studio.move), methods=["POST"]),
        Route("/emulator/reset", explained(studio.reset), methods=["POST"]),
        Route("/emulator/bot/news", explained(studio.news), methods=["POST"]),
        Route("/emulator/bot/orders/{number:int}", explained(studio.done), methods=["POST"]),
    ]


class _Studio:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def move(self, request: Request) -> Response:
        """Body: {"seconds"}, or {"now": true} for the time of this machine."""
        given, account = await object_of(request), self._account
        seconds = -account.clock.ahead if given.get("now") else float(given["seconds"])
        if not math.isfinite(seconds) or not (given.get("now") or 0 < seconds <= MAX_MOVE_SECONDS):
            raise ValueError("The clock moves forward, by at most a year.")
        move_clock(account, seconds)
        return JSONResponse({"now": account.clock(), "ahead": account.clock.ahead})

    async def reset(self, request: Request) -> Response:
        """Body: {"person": a number, a user id or a name}; without one, everyone starts afresh."""
        given, account = await object_of(request), self._account
        person = find_person(account, str(given["person"])) if "person" in given else None
        number = account.orders.forget(identifiers([person]) if person else None)
        is_done = await account.orders.is_done(number, MAX_WAIT_SECONDS)
        forget(account, person)
        return JSONResponse({"is_done": is_done, "name": person.name if person else None})

    async def news(self, request: Request) -> Response:
        """Body: {"known"}, the last answer. Waits until there is another one."""
        known: Any = (await object_of(request)).get("known")
        return JSONResponse(await self._account.orders.news(known, MAX_WAIT_SECONDS))

    async def done(self, request: Request) -> Response:
        """Body: {"people"}, all identifiers of those whom the bot has forgotten."""
        people = (await object_of(request)).get("people") or []
        number, account = request.path_params["number"], self._account
        ordered = account.orders.people(number) or identifiers(account.people)
        account.on_forgotten({*map(str, people), *ordered})
        account.orders.done(number)
        return JSONResponse({})
