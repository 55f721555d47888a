"""Conversations written down: what people do, and what they hear. A small YAML file each.

    story: Somebody asks for the menu
    from: "1555#######"          # every # is a digit of its own in each run
    turns:
    - say: hello                 # or another act: see `story_acts`
      hear:
      - Hello! What would you like to do?…

`name: Ana` gives the person a name in their profile. A line that ends in … is only the beginning
of what is heard, and one that begins with … only the end. `settings: {REMINDER_SECONDS: 60}` names
what the bot needs for it to go as written.
"""

import random
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import yaml

from emulator.cloud_api.state.sample_files import SAMPLE_TYPES, SAMPLES
from emulator.cloud_api.state.story_acts import (
    OF_OTHERS,
    READERS,
    StoryError,
    StoryFile,
    read_act,
    with_phone,
)


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """One thing that somebody does, and all that the person hears after it."""

    act: str
    value: Any
    hear: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    wa_id: str
    turns: Sequence[StoryTurn]
    hides_phone: bool = False
    #: Name in the profile of WhatsApp; None for one of no meaning.
    profile_name: str | None = None
    #: Settings that the bot has to have, by name.
    settings: Mapping[str, str] = field(default_factory=dict)
    #: Folder of its files; None for one that has none.
    folder: Path | None = None

    @property
    def waits(self) -> bool:
        """Return whether time passes in it."""
        return self.does("wait")

    def with_own_number(self, digits: random.Random) -> "Story":
        """Return the story with a number of its own: each # becomes a random digit."""
        number = re.sub("#", lambda _: str(digits.randrange(10)), self.wa_id)
        turns = [
            replace(one, value=with_phone(one.value, number)) if one.act in OF_OTHERS else one
            for one in self.turns
        ]
        return replace(self, wa_id=number, turns=turns)

    def content(self, file: StoryFile) -> tuple[bytes, str]:
        """Return the content of a file and its type; a sample, if it is not beside the story."""
        path = self.folder and self.folder / Path(file.name).name
        if path is not None and path.is_file():
            return path.read_bytes(), file.mime_type
        return SAMPLES[file.kind], SAMPLE_TYPES[file.kind]

    def does(self, *acts: str) -> bool:
        """Return whether one of these acts is in it."""
        return any(turn.act in acts for turn in self.turns)


class StoryDriver(Protocol):
    """Carries out the acts of a story. Each returns the replies that follow."""

    async def say(self, content: Mapping[str, Any]) -> Sequence[str]: ...
    async def tap(self, title: str) -> Sequence[str]: ...
    async def wait(self, seconds: float) -> Sequence[str]: ...
    async def attach(self, file: StoryFile) -> Sequence[str]: ...
    async def call(self, keys: str) -> Sequence[str]: ...
    async def operate(self, act: Mapping[str, Any]) -> Sequence[str]: ...
    async def notify(self, item: Mapping[str, Any]) -> Sequence[str]: ...
    async def tell(self, event: Mapping[str, Any]) -> Sequence[str]: ...


async def play(story: Story, driver: StoryDriver) -> None:
    """Play a story; StoryError where the replies differ."""
    for number, turn in enumerate(story.turns, start=1):
        heard = await act(turn, driver)
        if not _are_same(turn.hear, heard):
            expected, found = _listing(turn.hear), _listing(heard)
            raise StoryError(
                f"{story.name}, turn {number} ({turn.act}: {turn.value})\n"
                f"  expected replies:\n{expected}\n  actual replies:\n{found}"
            )


async def act(turn: StoryTurn, driver: StoryDriver) -> Sequence[str]:
    """Do what a turn says; return the replies."""
    does: Mapping[str, Callable[[Any], Awaitable[Sequence[str]]]] = {
        "say": lambda words: driver.say({"type": "text", "text": {"body": words}}),
        "send": driver.say,
        "tap": driver.tap,
        "wait": driver.wait,
        "file": driver.attach,
        "call": driver.call,
        "operator": driver.operate,
        "notify": driver.notify,
        "event": driver.tell,
    }
    return await does[turn.act](turn.value)


def _are_same(expected: Sequence[str], heard: Sequence[str]) -> bool:
    return len(expected) == len(heard) and all(map(_is_heard, expected, heard))


def _is_heard(wanted: str, found: str) -> bool:
    words = wanted.strip("…")
    if wanted.startswith("…") and wanted.endswith("…"):
        return words in found
    if wanted.startswith("…"):
        return found.endswith(words)
    return found.startswith(words) if wanted.endswith("…") else found == wanted


def _listing(lines: Sequence[str]) -> str:
    return "\n".join(f"    - {line}" for line in lines) or "    nothing"


def read_story(text: str, folder: Path | None = None) -> Story:
    """Parse a story, with its files in a folder; StoryError says what is wrong with it."""
    try:
        given = yaml.safe_load(text)
        turns = [_turn(one) for one in given["turns"]]
        hides_phone, name = bool(given.get("hide_phone")), given.get("name")
        settings = {key: _setting(value) for key, value in (given.get("settings") or {}).items()}
        name = name and str(name)
        who = str(given["from"])
        return Story(given["story"], who, turns, hides_phone, name, settings, folder)
    except yaml.YAMLError as error:
        raise StoryError(f"not YAML: {error}") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise StoryError(f"a story has story, from and turns: {error}") from None


def _setting(value: Any) -> str:
    """Return a setting as the environment has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _turn(given: Mapping[str, Any]) -> StoryTurn:
    acts = [name for name in given if name != "hear"]
    if len(acts) != 1 or acts[0] not in READERS:
        found = " and ".join(acts) or "nothing"
        raise StoryError(f"a turn has one of {', '.join(READERS)}, not {found}")
    [act] = acts
    heard = tuple(str(line) for line in given.get("hear") or ())
    return StoryTurn(act, read_act(act, given[act]), heard)


def text_of(entry: Mapping[str, Any]) -> str:
    """What a person hears of an entry: its words, or its type."""
    it = entry[entry["type"]]
    if entry["type"] == "text":
        return str(it["body"])
    if entry["type"] == "interactive":
        return str(it["body"]["text"])
    if entry["type"] == "template":
        return str(entry["shown"]["body"])
    return f"[{entry['type']}]"


def taps_of(entry: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What can be tapped in an entry, by title: the message that a tap sends."""
    if entry["from"] != "bot" or entry["type"] != "interactive":
        return {}
    action = entry["interactive"]["action"]
    buttons = [one["reply"] for one in action.get("buttons", [])]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    return {one["title"]: _reply("button_reply", one) for one in buttons} | {
        one["title"]: _reply("list_reply", one) for one in rows
    }


def _reply(kind: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, kind: dict(choice)}}


@dataclass(slots=True)
class SeenOptions:
    """Buttons and rows that were seen, however old: all can still be tapped."""

    _taps: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, entries: Sequence[Mapping[str, Any]]) -> list[str]:
        for entry in entries:
            self._taps |= taps_of(entry)
        return [text_of(entry) for entry in entries]

    def tap(self, title: str) -> dict[str, Any]:
        if title not in self._taps:
            raise StoryError(f"there was nothing to tap called {title}")
        return self._taps[title]
