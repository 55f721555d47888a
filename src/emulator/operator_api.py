"""Plays an operator, in Airtable or in the inbox, and notes what operators did in the chats."""

from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.airtable.bases import Change
from emulator.airtable.operating import PERSON, NoSuchRecord, about, operate
from emulator.airtable.workspace import Workspace
from emulator.cloud_api.http.bot_api import INBOX_ACTS, BotApi, NotThereYet
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import Person, wa_id_of
from emulator.refusals import explained, object_of


def operator_routes(account: Account, workspace: Workspace) -> list[Route]:
    """The route by which stories have an operator act."""
    bot = BotApi(account.config)

    async def act(request: Request) -> Response:
        """Body: an act of `operating`, or one of {"reply": text}, {"hand_back"}, {"close"}.

        Answers 404 for a record or a conversation that is not there, or not yet.
        """
        given = await object_of(request)
        person = account.people.get(wa_id_of(request.path_params["wa_id"]))
        try:
            if name := next((one for one in INBOX_ACTS if one in given), None):
                await bot.act(person.wa_id, name, str(given[name]))
                _note(account, person, {name: given[name]})
            else:
                base_id = workspace.config.base_id
                operate(workspace.bases, base_id, _words(person), given)
        except (NoSuchRecord, NotThereYet) as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        return JSONResponse({})

    path = "/emulator/contacts/{wa_id}/operator"
    return [Route(path, explained(act), methods=["POST"])]


def note_operators(account: Account, workspace: Workspace) -> None:
    """Have the chats show what operators change in Airtable about their people."""

    def note(base_id: str, change: Change) -> None:
        if change.source != PERSON or change.kind == "destroyed":
            return
        [(record_id, cells)] = change.cells.items()
        table = workspace.bases.table(base_id, change.table_id)
        own = {one.id: one.name for one in table.fields if one not in table.links}
        shown = {own[one]: value for one, value in cells.items() if one in own}
        act = {"table": table.name, "add" if change.kind == "created" else "set": shown}
        for person in account.people if shown else ():
            if person.entries and record_id in about(workspace.bases, base_id, _words(person)):
                _note(account, person, act)

    workspace.bases.listeners.append(note)


def _words(person: Person) -> Collection[str]:
    return (person.wa_id, person.user_id)


def _note(account: Account, person: Person, act: Mapping[str, Any]) -> None:
    note = {"from": "operator", "type": "operator", "operator": act, "at": account.clock()}
    person.add(note)
