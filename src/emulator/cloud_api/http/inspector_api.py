"""The inspector: everything that went to and fro, and ways to make it happen again."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from emulator.cloud_api.http.account_api import is_from_this_machine
from emulator.cloud_api.http.phone_api import PAGE_HEADERS, PAGES
from emulator.cloud_api.http.snippets import as_curl, as_pytest, can_be_test
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.chaos import Chaos
from emulator.refusals import explained
from emulator.streams import event_stream


def inspector_routes(account: Account) -> list[Route]:
    """The page at /inspector, and its own part of /emulator/."""
    inspector = _Inspector(account)
    return [
        Route("/inspector", inspector.page),
        Route("/emulator/exchanges", inspector.exchanges),
        Route("/emulator/chaos", explained(inspector.chaos), methods=["GET", "POST"]),
        Route("/emulator/steps", inspector.step, methods=["POST"]),
        Route("/emulator/exchanges/events", inspector.events),
        Route("/emulator/exchanges/{number:int}/replay", inspector.replay, methods=["POST"]),
        Route("/emulator/exchanges/{number:int}/curl", inspector.curl),
        Route("/emulator/exchanges/{number:int}/pytest", inspector.pytest),
    ]


class _Inspector:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def page(self, request: Request) -> Response:
        return FileResponse(PAGES / "inspector.html", headers=PAGE_HEADERS)

    async def exchanges(self, request: Request) -> Response:
        """All that is kept, and from which event on to listen."""
        log = self._account.traffic_log
        last = log.feed.place(log.feed.last)
        return JSONResponse({"last_event": last, "exchanges": log.all()})

    async def events(self, request: Request) -> Response:
        """Each new exchange."""
        return event_stream(self._account.traffic_log.feed, request)

    async def replay(self, request: Request) -> Response:
        """Post a webhook again: as it was, as new ({"as_new": true}), or changed ({"body"})."""
        found = self._account.traffic_log.find(request.path_params["number"])
        if found is None or found.kind != "webhook":
            return JSONResponse({"error": "there is no such webhook"}, status_code=404)
        given = await _json(request)
        body = given.get("body", found.request)
        if given.get("as_new"):
            body = self._account.ids.renewed(body)
        status = await self._account.webhooks.repeat(body, found.wa_ids)
        return JSONResponse({"status": status})

    async def curl(self, request: Request) -> Response:
        """An exchange as a command, with the secrets of this emulator."""
        if not is_from_this_machine(request):
            error = "The command holds secrets: open this page at http://127.0.0.1."
            return JSONResponse({"error": error}, status_code=403)
        found = self._account.traffic_log.find(request.path_params["number"])
        if found is None or found.kind == "step":
            return JSONResponse({"error": "There is no such request."}, status_code=404)
        return PlainTextResponse(as_curl(found, self._account))

    async def pytest(self, request: Request) -> Response:
        """An exchange as a test."""
        found = self._account.traffic_log.find(request.path_params["number"])
        if found is None or not can_be_test(found):
            error = "Only webhooks and messages can be copied as a test."
            return JSONResponse({"error": error}, status_code=404)
        return PlainTextResponse(as_pytest(found, self._account))

    async def step(self, request: Request) -> Response:
        """The bot tells what a message changed: {"at", "wa_id", "user_id", "before", ...}."""
        given = await _json(request)
        person = self._account.people.known(given.get("wa_id"), given.get("user_id"))
        wa_ids = [person.wa_id] if person else []
        self._account.traffic_log.add("step", wa_ids=wa_ids, request=given, at=given.get("at", 0.0))
        return Response(status_code=204)

    async def chaos(self, request: Request) -> Response:
        """What may go wrong; a POST changes it: {"<name>": value}, or {"off": true}."""
        faults = self._account.fault_injector
        given = await _json(request)
        if given.pop("off", False):
            faults.set(Chaos())
        if given:
            faults.set(faults.chaos.changed(**given))
        return JSONResponse(faults.chaos.described())


async def _json(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}
