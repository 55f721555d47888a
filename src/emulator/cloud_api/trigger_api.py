"""Makes webhooks of any kind happen: POST /emulator/triggers."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.account import UNDELIVERABLE, Account
from emulator.cloud_api.people import Person
from emulator.cloud_api.triggers import KINDS, MESSAGES, Words


def trigger_routes(account: Account) -> list[Route]:
    async def pull(request: Request) -> Response:
        """Body: {"kind", "from", "name"?, "hide_phone"?} and the words of `Words`."""
        given = await request.json()
        try:
            kind = known_kind(str(given.get("kind", "")))
            person = account.people.get(str(given.get("from", "")).lstrip("+"))
            person.name = str(given.get("name") or person.name)
            person.hides_phone = bool(given.get("hide_phone", person.hides_phone))
            trigger(account, kind, person, words_of(given))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"triggered": kind})

    async def kinds(request: Request) -> Response:
        return JSONResponse(KINDS)

    return [
        Route("/emulator/triggers", pull, methods=["POST"]),
        Route("/emulator/triggers", kinds, methods=["GET"]),
    ]


def known_kind(kind: str) -> str:
    if kind in KINDS:
        return kind
    close = get_close_matches(kind, KINDS, n=3) or KINDS
    raise ValueError(f"there is no {kind}: perhaps {', '.join(close)}")


def words_of(given: Mapping[str, Any]) -> Words:
    texts: dict[str, Any] = {
        name: str(given[name]) for name in ("body", "id", "title", "emoji") if given.get(name)
    }
    code = given.get("code", Words.code)
    if not isinstance(code, int):
        raise ValueError("code is a number")
    return replace(Words(code=code), **texts)


def trigger(account: Account, kind: str, person: Person, words: Words) -> None:
    """Queue one webhook about a person."""
    family, _, name = kind.partition(".")
    if family == "status":
        account.webhooks.send(person.wa_id, {"statuses": [_status(account, name, person, words)]})
    elif name == "system":
        message = _changed_number(account, person, words.body)
        account.webhooks.send(person.wa_id, {"messages": [message]})  # Meta sends no contacts here
    else:
        account.say(person, MESSAGES[name](words))


def _status(account: Account, status: str, person: Person, words: Words) -> dict[str, Any]:
    sent = [one["id"] for one in person.entries if one["from"] == "bot" and "id" in one]
    if not words.id and not sent:
        raise ValueError("the bot has sent this person nothing yet: give an id")
    made = {
        "id": words.id or sent[-1],
        "status": status,
        "timestamp": str(int(account.clock())),
        "recipient_user_id": person.user_id,
    }
    if not person.hides_phone:
        made["recipient_id"] = person.wa_id
    if status == "failed":
        made["errors"] = [UNDELIVERABLE | {"code": words.code}]
    return made


def _changed_number(account: Account, person: Person, number: str) -> dict[str, Any]:
    digits = "".join(char for char in number if char.isdecimal()) or f"{person.wa_id}9"
    moved = account.people.get(digits)
    moved.name = person.name
    return {
        "id": account.new_id(moved),
        "from": person.wa_id,
        "from_user_id": moved.user_id,
        "timestamp": str(int(account.clock())),
        "type": "system",
        "system": {
            "body": f"User {person.name} changed from {person.wa_id} to {digits}",
            "type": "user_changed_number",
            "wa_id": digits,
            "user_id": moved.user_id,
            "previous_user_id": person.user_id,
        },
    }
