"""What people, operators and other systems do in a story, and how each is written.

    say: hello                          # words
    tap: Yes                            # a button or a row that was seen, by its title
    send: {type: location, location: …} # a message of any type
    file: {name: plant.jpg, caption: …} # a file beside the story, or else a sample of its type
    call: "1#"                          # a call, with the keys that are pressed; "" is none
    wait: 3600                          # seconds
    operator: {table: Contacts, set: {Reply: Good morning}}    # in Airtable; also add, where
    operator: {reply: Good morning}     # in the inbox; also hand_back, close
    notify: {to: "+{phone}", template: {name: …}}              # what another system sends
    event: {type: order.shipped, data: {phone: "+{phone}"}}    # what another system tells

`{phone}` stands for the number of the person in acts of others.
"""

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.cloud_api.state.files import kind_of


class StoryError(Exception):
    """A story that cannot be read, or that went another way."""


@dataclass(frozen=True, slots=True)
class StoryFile:
    """A file that somebody sends."""

    name: str
    mime_type: str
    caption: str = ""
    is_voice: bool = False

    @property
    def kind(self) -> str:
        """The type of its message."""
        return kind_of(self.mime_type)


KEYS = frozenset("0123456789*#")
PHONE = "{phone}"
#: Acts of others than the person.
OF_OTHERS = frozenset({"operator", "notify", "event"})
#: What an operator does in Airtable, and in the inbox.
IN_AIRTABLE, IN_INBOX = ("set", "add"), ("reply", "hand_back", "close")


def read_act(name: str, value: Any) -> Any:
    """Return the value of an act as it is carried out; StoryError for one that cannot be."""
    return READERS[name](value)


def with_phone(value: Any, wa_id: str) -> Any:
    """Return the value of an act of others, with the number of the person in its texts."""
    if isinstance(value, str):
        return value.replace(PHONE, wa_id)
    if isinstance(value, list):
        return [with_phone(one, wa_id) for one in value]
    if isinstance(value, dict):
        return {name: with_phone(one, wa_id) for name, one in value.items()}
    return value


def _as_text(value: Any) -> str:
    return str(value)


def _as_message(value: Any) -> Any:
    return _require(value, "send", "type")


def _as_file(value: Any) -> StoryFile:
    given = {"name": value} if isinstance(value, str) else _require(value, "file", "name")
    name = str(given["name"])
    mime_type = given.get("type") or mimetypes.guess_type(name)[0]
    if mime_type is None:
        raise StoryError(f"file: {name} has an ending of no known type; say it with `type`")
    is_voice, caption = bool(given.get("voice")), str(given.get("caption") or "")
    return StoryFile(name, str(mime_type), caption, is_voice)


def _as_keys(value: Any) -> str:
    keys = "" if value is None else str(value)
    if wrong := sorted(set(keys) - KEYS):
        raise StoryError(f'call: a phone has no key {wrong[0]}; write keys as "1#"')
    return keys


def _as_seconds(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise StoryError(f"wait: {value} is not a number of seconds") from None


def _of_operator(value: Any) -> Any:
    given = _require(value, "operator")
    if not any(one in given for one in IN_INBOX):
        _require(given, "operator", "table")
        if not any(isinstance(given.get(one), dict) for one in IN_AIRTABLE):
            raise StoryError("operator: in Airtable, cells are in `set` or in `add`")
    return given


def _require(value: Any, act: str, *names: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise StoryError(f"{act}: {value} is not an object")
    for name in names:
        if name not in value:
            raise StoryError(f"{act}: {name} is missing")
    return value


READERS: Mapping[str, Callable[[Any], Any]] = {
    "say": _as_text,
    "tap": _as_text,
    "send": _as_message,
    "file": _as_file,
    "call": _as_keys,
    "wait": _as_seconds,
    "operator": _of_operator,
    "notify": lambda value: _require(value, "notify"),
    "event": lambda value: _require(value, "event", "type"),
}
