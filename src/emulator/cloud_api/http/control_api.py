"""Plays the people: say something as one of them, and see what the bot answers."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import wa_id_of
from emulator.refusals import explained, object_of

MAX_WAIT_SECONDS = 60.0
#: Parts of a body that are about the person and the number, not of the message.
ABOUT = frozenset({"name", "hide_phone", "to_number"})


def control_routes(account: Account) -> list[Route]:
    """Everything under /emulator/."""

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def say(request: Request) -> Response:
        """Body: {"text"}, {"button": {id, title}}, {"row": {...}} or {"type", "<type>"}.

        `to_number` is the id of the number of the account that the person writes to.
        """
        given = await object_of(request)
        content = _content(given)
        person = account.people.get(wa_id_of(request.path_params["wa_id"]))
        person.introduce(given.get("name"), hides_phone=given.get("hide_phone"))
        return JSONResponse(account.say(person, content, to=given.get("to_number")))

    async def conversation(request: Request) -> Response:
        """Entries after number `after`; waits up to `wait` seconds for the first."""
        person = account.people.get(wa_id_of(request.path_params["wa_id"]))
        after = int(request.query_params.get("after", 0))
        wait = min(float(request.query_params.get("wait", 0)), MAX_WAIT_SECONDS)
        if not person.since(after) and wait > 0:
            try:
                await asyncio.wait_for(person.changed.wait(), wait)
            except TimeoutError:
                return JSONResponse([])
        return JSONResponse(person.since(after))

    messages = "/emulator/contacts/{wa_id}/messages"
    return [
        Route("/emulator/health", health),
        bot_route(account),
        Route(messages, explained(say), methods=["POST"]),
        Route(messages, explained(conversation), methods=["GET"]),
    ]


def bot_route(account: Account) -> Route:
    """/emulator/bot: whether the bot runs, and its last error; a POST changes it."""

    async def bot(request: Request) -> Response:
        if request.method == "POST":
            account.bot.change(await object_of(request))
        return JSONResponse(account.bot.shown())

    return Route("/emulator/bot", explained(bot), methods=["GET", "POST"])


def _content(given: dict[str, Any]) -> dict[str, Any]:
    if "text" in given and "type" not in given:
        return {"type": "text", "text": {"body": given["text"]}}
    for name, reply in (("button", "button_reply"), ("row", "list_reply")):
        if name in given and "type" not in given:
            return {"type": "interactive", "interactive": {"type": reply, reply: given[name]}}
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in given:
        raise ValueError('A message has "text", "button", "row", or "type" and the object of it.')
    return {key: value for key, value in given.items() if key not in ABOUT}
