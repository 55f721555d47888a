"""POST /emulator/triggers: sends the bot a webhook of any kind."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.field_triggers import ABOUT_PEOPLE, TEMPLATE_FIELDS, VALUES
from emulator.cloud_api.state.people import Person, digits_of, wa_id_of
from emulator.cloud_api.state.planned_statuses import status_update
from emulator.cloud_api.state.sample_files import with_file
from emulator.cloud_api.state.triggers import KINDS, MESSAGES, SYSTEM, TriggerOptions
from emulator.refusals import explained, object_of


def trigger_routes(account: Account) -> list[Route]:
    async def pull(request: Request) -> Response:
        """Body: {"kind", "from", "name"?, "hide_phone"?} and the options of `TriggerOptions`."""
        given = await object_of(request)
        kind = known_kind(str(given.get("kind", "")))
        person = account.people.get(wa_id_of(given.get("from")))
        person.introduce(given.get("name"), hides_phone=given.get("hide_phone"))
        trigger(account, kind, person, options_of(given))
        return JSONResponse({"triggered": kind})

    async def kinds(request: Request) -> Response:
        return JSONResponse(KINDS)

    return [
        Route("/emulator/triggers", explained(pull), methods=["POST"]),
        Route("/emulator/triggers", kinds, methods=["GET"]),
    ]


def known_kind(kind: str) -> str:
    if kind in KINDS:
        return kind
    close = get_close_matches(kind, KINDS, n=3) or KINDS
    raise ValueError(f"there is no {kind}: perhaps {', '.join(close)}")


def options_of(given: Mapping[str, Any]) -> TriggerOptions:
    texts: dict[str, Any] = {
        name: str(given[name]) for name in ("body", "id", "title", "emoji") if given.get(name)
    }
    code = given.get("code", TriggerOptions.code)
    if not isinstance(code, int):
        raise ValueError("code is a number")
    if code not in CODES:
        raise ValueError(f"{code} is not one of Meta's error codes: {', '.join(map(str, CODES))}")
    return replace(TriggerOptions(code=code), **texts)


def trigger(account: Account, kind: str, person: Person, options: TriggerOptions) -> None:
    """Queue one webhook about a person, or about the account."""
    family, _, name = kind.partition(".")
    send, now = account.webhooks.send, str(int(account.clock()))
    if family == "status":
        wamid = options.id or _last_sent(person)
        send(person.wa_id, status_update(person, wamid, name, now, code=options.code))
    elif family == "call":
        account.calls.hang_up(person)
        if name == "connect":
            account.calls.ring(person)
    elif family == "thread":
        _control(account, name, person, options)
    elif family == "field" and name in TEMPLATE_FIELDS and ":" in options.id:
        _change_template(account, name, options)
    elif family == "field":
        send(name, VALUES[name], field=name)
    elif make := ABOUT_PEOPLE.get((family, name)):
        send(person.wa_id, make(person, now), field=family)
    elif name in SYSTEM:
        message = _system_message(account, name, person, options.body)
        send(person.wa_id, {"messages": [message]})  # Meta sends no contacts here
    else:
        account.say(person, with_file(MESSAGES[name](options), account.files))


def _change_template(account: Account, field: str, options: TriggerOptions) -> None:
    """Let Meta pause, rate or recategorise a template of the account: `id` is name:language."""
    name, _, language = options.id.partition(":")
    template = account.templates.find(name, language)
    if template is None:
        raise ValueError(f"there is no template {options.id}")
    allowed = TEMPLATE_FIELDS[field]
    if options.body not in allowed:
        raise ValueError(f"body is one of {', '.join(allowed)}")
    account.change_template(template, field, options.body)


def _control(account: Account, name: str, person: Person, options: TriggerOptions) -> None:
    """Let the owner answer, or Meta's agent take or pass the conversation."""
    if name == "owner":
        account.threads.owner_says(person, options.body)
    elif name == "to_agent":
        account.threads.hand_to_agent(person)
    else:
        account.threads.hand_to_bot(person)


def _last_sent(person: Person) -> str:
    sent = [one["id"] for one in person.entries if one["from"] == "bot" and "id" in one]
    if not sent:
        raise ValueError("the bot has sent this person nothing yet: give an id")
    return str(sent[-1])


def _system_message(account: Account, name: str, person: Person, number: str) -> dict[str, Any]:
    """What Meta says of a person: another number, another user id, or another device."""
    common = {"timestamp": str(int(account.clock())), "type": "system"}
    if name == "system_identity":
        system = {
            "body": f"User {person.name} has a new security code",
            "type": "customer_identity_changed",
        }
        sender = {"id": account.ids.new(person), "from_user_id": person.user_id}
        if not person.hides_phone:
            sender["from"] = person.wa_id
        return {**sender, **common, "system": system}
    digits = digits_of(number) or f"{person.wa_id}9"
    moved = account.people.get(digits)
    moved.name = person.name
    system = {
        "body": f"User {person.name} changed from {person.wa_id} to {digits}",
        "type": "user_changed_number",
        "wa_id": digits,
        "user_id": moved.user_id,
        "previous_user_id": person.user_id,
    }
    sender = {"id": account.ids.new(moved), "from_user_id": moved.user_id, "from": person.wa_id}
    if name == "system_user_id":  # of somebody who hides the number
        system["type"], system["body"] = "user_changed_user_id", f"User {person.name} changed"
        del system["wa_id"], sender["from"]
    return {**sender, **common, "system": system}
