"""Requests on which Meta's pages contradict each other. They are accepted, with a note."""

from collections.abc import Callable
from datetime import date

from emulator.cloud_api.rules.versions import has_expired
from emulator.json import JsonObject


def notes_on(body: JsonObject) -> list[str]:
    """On the body of a call, in words for the reader of the inspector."""
    return [note for applies, note in CONTRADICTIONS if applies(body)]


def note_on_version(version: float, today: date) -> list[str]:
    if has_expired(version, today):
        return [f"v{version} has expired: Meta answers with its oldest version that has not."]
    return []


def _has_no_plus(body: JsonObject) -> bool:
    return str(body.get("to") or "+")[0] != "+"


def _has_long_list_body(body: JsonObject) -> bool:
    interactive = body.get("interactive")
    if not isinstance(interactive, dict) or interactive.get("type") != "list":
        return False
    return len(str((interactive.get("body") or {}).get("text", ""))) > 1024


def _has_many_contacts(body: JsonObject) -> bool:
    contacts = body.get("contacts")
    return isinstance(contacts, list) and len(contacts) > 5


def _has_long_description(body: JsonObject) -> bool:
    return len(str(body.get("description", ""))) > 256


def _asks_for_contact(body: JsonObject) -> bool:
    interactive = body.get("interactive")
    return isinstance(interactive, dict) and interactive.get("type") == "contact_request"


def _has_no_type(body: JsonObject) -> bool:
    return "to" in body and "status" not in body and "text" in body and "type" not in body


CONTRADICTIONS: tuple[tuple[Callable[[JsonObject], bool], str], ...] = (
    (
        _has_no_plus,
        "to has no +. Meta's page puts the country code of the business before such a number; its "
        "servers have taken it as it is. Write the +.",
    ),
    (
        _has_long_list_body,
        "The body of a list is over 1,024 characters: the reference allows it, Meta's OpenAPI "
        "does not.",
    ),
    (
        _has_many_contacts,
        "More than 5 contacts: the reference allows 257, Meta's OpenAPI only 5.",
    ),
    (
        _has_long_description,
        "The description is over 256 characters: the reference allows 512, Meta's OpenAPI 256.",
    ),
    (
        _asks_for_contact,
        "contact_request was renamed to request_contact_info in May 2026; one page still has the "
        "old name.",
    ),
    (_has_no_type, "There is no type: taken as text, which no page promises."),
)
