"""Which message a person tapped on: webhooks of taps name it in their `context`.

Source: the webhook references `button` and `interactive`; Meta's OpenAPI requires `context` there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.cloud_api.state.lines import Line
from emulator.cloud_api.state.people import Person
from emulator.json import JsonObject

#: Replies whose message is known by its type, not by what was tapped.
TYPES_OF_REPLY = {
    "nfm_reply": frozenset({"flow", "address_message"}),
    "call_permission_reply": frozenset({"call_permission_request"}),
}
#: Stands for a message that was sent before the emulator began.
UNKNOWN = "wamid.unknown"


def context_of(person: Person, content: JsonObject, line: Line) -> JsonObject:
    """Return the `context` of what a person sends to a number; empty for what is no reply."""
    given = content.get("context")
    if given is not None and "id" in given:
        sent = [one for one in person.entries if one.get("id") == given["id"]]
        is_theirs = bool(sent) and sent[0]["from"] == "person"
        sender = _number_of(person) if is_theirs else {"from": line.display}
        return {"context": {**sender, **given}}
    reply = _reply(content)
    if given is not None or reply is None:
        return {}
    return {"context": {"from": line.display, "id": _tapped(person, reply, line)}}


def _number_of(person: Person) -> dict[str, str]:
    return {} if person.hides_phone else {"from": person.wa_id}


def _reply(content: JsonObject) -> tuple[str, str] | None:
    """Return the kind of a reply and what was tapped; None for other messages."""
    if content["type"] == "button":
        return "button", str((content.get("button") or {}).get("payload"))
    if content["type"] != "interactive":
        return None
    interactive = content.get("interactive") or {}
    kind = str(interactive.get("type"))
    return kind, str((interactive.get(kind) or {}).get("id"))


def _tapped(person: Person, reply: tuple[str, str], line: Line) -> str:
    """Return the id of the newest message that offers it, else of the newest of all."""
    number = line.mark.get("phone_number_id")
    sent = [
        one
        for one in reversed(person.entries)
        if one["from"] == "bot" and "id" in one and one.get("phone_number_id") == number
    ]
    offering = (one for one in sent if reply[1] in _offered(one) or _is_asked_by(one, reply[0]))
    found = next(offering, sent[0] if sent else None)
    return str(found["id"]) if found else UNKNOWN


def _is_asked_by(entry: Mapping[str, Any], kind: str) -> bool:
    interactive = entry.get("interactive") or {}
    return interactive.get("type") in TYPES_OF_REPLY.get(kind, ())


def _offered(entry: Mapping[str, Any]) -> set[str]:
    """Return the ids and payloads that a message offers."""
    shown = entry.get("shown") or {}
    parts = [shown, *(shown.get("cards") or ())]
    payloads = {str(one.get("payload")) for part in parts for one in part.get("buttons") or ()}
    action = (entry.get("interactive") or {}).get("action") or {}
    cards = [card.get("action") or {} for card in action.get("cards") or ()]
    return payloads | {str(one.get("id")) for each in (action, *cards) for one in _choices(each)}


def _choices(action: JsonObject) -> Iterator[JsonObject]:
    for button in action.get("buttons") or ():
        yield button.get("reply") or button.get("quick_reply") or {}
    for section in action.get("sections") or ():
        yield from section.get("rows") or ()
