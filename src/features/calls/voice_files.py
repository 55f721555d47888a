"""The files of spoken lines: made once from the texts by espeak-ng, and kept in the repository."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import flows
from features.calls.engine.opus import FILE_BIT_RATE, read_recording, write_recording
from features.calls.engine.speech import IN_CHAT, INDEX, VOICE, Espeak
from features.calls.speech import spoken
from flow_engine import Menu
from flow_engine.registry import import_modules
from texts.catalogue import Texts

#: Texts of the feature that are said on the phone, with nothing to fill in.
SENTENCES = (
    *("greeting", "menu_human", "menu_keys", "more", "unknown_digit", "human", "no_human"),
    *("still_there", "goodbye", "short_held", "short_closed", "stopping", IN_CHAT),
    *("leave_message", "closed_message", "message_kept"),
    *("asking_team", "still_asking", "operator_joins", "operator_left"),
    *("greeting_assistant", "opening", "menu_instead", "say_again", "anybody_there", "moment"),
)

#: Menus that callers hear: their steps have digits.
HOME_MENUS = ("main_menu", "member_menu")

#: Text that is spoken -> name of its file, without the ending.
Lines = Mapping[str, str]


def home_menus() -> Iterator[Menu]:
    """Return the menus of the flows that callers hear."""
    for _, module in import_modules(flows):
        found = (one for one in vars(module).values() if isinstance(one, Menu))
        yield from (one for one in found if one.name in HOME_MENUS)


def lines_of(texts: Texts, language: str, menus: Iterable[Menu]) -> Lines:
    """Return what is said in a language: the sentences, and the choices of the menus."""
    said = {spoken(texts.say(language, f"calls.{key}", {"first_name": ""})): key
            for key in SENTENCES}  # fmt: skip
    for menu in menus:
        for digit, choice in enumerate(menu.choices, start=1):
            title = spoken(str(texts.find(language, f"{menu.name}.options.{choice}.title") or ""))
            given = {"title": title, "digit": str(digit), "first_name": ""}
            for key in ("menu_choice", "chosen"):
                said.setdefault(
                    spoken(texts.say(language, f"calls.{key}", given)),
                    f"{key}-{menu.name}-{choice}",
                )
    return said


async def make_files(lines: Lines, language: str, program: str, folder: Path = VOICE) -> list[Path]:
    """Speak all lines of a language, and write their files and the index. Return what is there.

    Files of lines that are not said any more are deleted.
    """
    place = folder / language
    place.mkdir(parents=True, exist_ok=True)
    espeak = Espeak(program)
    for text, name in lines.items():
        wav = await espeak.speak(text, language)
        packets = await asyncio.to_thread(read_recording, wav, bit_rate=FILE_BIT_RATE)
        write_recording(place / f"{name}.opus", packets)
    for old in place.glob("*.opus"):
        if old.stem not in lines.values():
            old.unlink()
    # a JSON string is one of TOML, too
    index = (f'{json.dumps(text, ensure_ascii=False)} = "{name}.opus"\n'
             for text, name in lines.items())  # fmt: skip
    head = "# What each file says. `python3 watch.py calls voice` makes them from the texts.\n"
    (place / INDEX).write_text(head + "".join(index), encoding="utf-8")
    return list(place.glob("*.opus"))
