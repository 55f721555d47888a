"""One line in the terminal for each message, while the bot is developed."""

import sys
from datetime import datetime
from typing import TextIO

from domain.state_change import StateChange
from utils.terminal import coloured, takes_colours, without_control_characters

#: Longest name and longest text shown, in characters.
MAX_NAME_CHARS = 24
MAX_TEXT_CHARS = 60
#: Shown in place of a text, for events that are no message; others by their own names.
EVENTS = {
    "message": "(not text)",
    "timer": "(a timer ended)",
    "answer": "(the assistant answered)",
    "record_status": "(an operator set a status)",
}


class DevConsole:
    """A `StateObserver` that writes `10:02:03 Ana › hello → main_menu · 1 reply · 12 ms`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._has_colours = takes_colours(self._stream)

    def __call__(self, change: StateChange) -> None:
        time = datetime.fromtimestamp(change.at).astimezone().strftime("%H:%M:%S")
        who = change.name or change.wa_id or change.user_id or "Someone"
        said = change.text or EVENTS.get(change.event, f"({change.event})")
        replies = "1 reply" if change.replies == 1 else f"{change.replies} replies"
        line = " ".join(
            (
                self._in(time, "dim"),
                self._in(_short(who, MAX_NAME_CHARS), "bold"),
                f"› {_short(said, MAX_TEXT_CHARS)} →",
                self._in(place_of(change), "cyan"),
                self._in(f"· {replies} · {change.took_ms:.0f} ms", "dim"),
            )
        )
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _in(self, text: str, colour: str) -> str:
        return coloured(text, colour) if self._has_colours else text


def place_of(change: StateChange) -> str:
    """Return where a message led: "registration: full_name", a new menu, or the stage's name.

    A message without a reply shows its stage too, such as "waiting for operator".
    """
    flow = change.after.get("flow") or {}
    form = ": ".join(str(flow[part]) for part in ("flow", "step") if flow.get(part))
    stage = change.stage.replace("_", " ")
    menu = change.after.get("menu")
    is_new = menu != change.before.get("menu") and change.replies > 0
    places = (stage, form) if change.replies == 0 else (form, menu if is_new else "", stage)
    shown = menu if change.event == "message" else ""
    return without_control_characters(next(filter(None, (*places, shown)), "no flow"))


def _short(text: str, max_chars: int) -> str:
    """Return a text on one line, cut to a length."""
    line = without_control_characters(" ".join(text.split()))
    return line if len(line) <= max_chars else f"{line[: max_chars - 1]}…"
