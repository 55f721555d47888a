"""A stand-in for Meta: it notes every message of the bot, and signs webhooks."""

import asyncio
import itertools
import time
from random import Random

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.fakes.dev_server import PHONE_NUMBER_ID
from tests.prove.answers import INTRODUCTION
from tests.prove.history import Arrival

#: Shortest and longest time until a request is answered: faults happen in the middle of it.
ANSWER_SECONDS = (0.005, 0.04)


class Meta:
    """Takes all messages. Their arrivals are noted when they come, before they are answered."""

    def __init__(self, arrivals: list[Arrival], chance: Random) -> None:
        self._arrivals = arrivals
        self._chance = chance
        self._serials = itertools.count()

    def app(self) -> Starlette:
        """Return the application to serve."""
        path = f"/v25.0/{PHONE_NUMBER_ID}/messages"
        return Starlette(routes=[Route(path, self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        message = await request.json()
        if "to" in message:
            content = message[message["type"]]["body"]
            text = content["text"] if isinstance(content, dict) else content
            person, delivery = message["to"].lstrip("+"), message["biz_opaque_callback_data"]
            said = text.partition(f"\n\n{INTRODUCTION}")[0]  # what the first message also says
            self._arrivals.append(Arrival(time.monotonic(), person, delivery, said))
        await asyncio.sleep(self._chance.uniform(*ANSWER_SECONDS))
        return JSONResponse({"messages": [{"id": f"wamid.out.{next(self._serials)}"}]})
