"""What a bot in development tells: its flows as a map, and what it knows of a person."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.http.phone_api import PAGE_HEADERS, PAGES
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import wa_id_of
from emulator.flow_drawing import draw
from emulator.refusals import explained, object_of

#: Longest wait for what the bot knows, in seconds.
MAX_WAIT_SECONDS = 2.0
PLACE = "<!-- the map -->"
NO_MAP = "<p>The bot sends its map when it starts in development.</p>"


def flow_routes(account: Account) -> list[Route]:
    """The page at /flows, and what it and the panel of the phone show."""
    pages = _FlowPages(account)
    return [
        Route("/flows", pages.page),
        Route("/emulator/bot/flows", explained(pages.take_map), methods=["POST"]),
        Route("/emulator/bot/people", explained(pages.take_person), methods=["POST"]),
        Route("/emulator/contacts/{wa_id}/known", explained(pages.known)),
    ]


class _FlowPages:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def page(self, request: Request) -> Response:
        drawn = draw(self._account.flow_map) if self._account.flow_map else NO_MAP
        page = (PAGES / "flows.html").read_text("utf-8").replace(PLACE, drawn)
        return HTMLResponse(page, headers=PAGE_HEADERS)

    async def take_map(self, request: Request) -> Response:
        """Body: {"root", "definitions"}, as `flow_drawing.draw` reads it."""
        given = await object_of(request)
        draw(given)
        if given != self._account.flow_map:
            self._account.flow_map = given
            self._account.feed.publish({"flows": True})
        return JSONResponse({})

    async def take_person(self, request: Request) -> Response:
        """Body: {"wa_id", "known"}: the bot answers what a page asked."""
        given = await object_of(request)
        self._account.orders.answer(str(given["wa_id"]), given["known"])
        return JSONResponse({})

    async def known(self, request: Request) -> Response:
        """Return what the bot knows of a person; null if it does not say."""
        person = self._account.people.get(wa_id_of(request.path_params["wa_id"]))
        ids = [person.wa_id, person.user_id]
        return JSONResponse(await self._account.orders.ask(person.wa_id, ids, MAX_WAIT_SECONDS))
