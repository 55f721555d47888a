"""Whether the bot runs and answers, and its last error: the banner of the phone page."""

from collections.abc import Callable, Mapping
from typing import Any

#: States of the bot; "unknown" without `watch.py`, which reports the others.
STATES = ("unknown", "starting", "running", "stopped")
#: The parts of an error.
ERROR_PARTS = ("text", "place", "hint")
#: Longest part of an error that is kept, in characters.
MAX_PART_CHARS = 4_000


class BotStatus:
    """The status of the one bot; `publish` tells pages of each change."""

    def __init__(self, publish: Callable[[dict[str, Any]], None]) -> None:
        self._publish = publish
        self._state = "unknown"
        self._is_answering = True
        self._error: dict[str, str] | None = None

    def change(self, given: Mapping[str, Any]) -> None:
        """Take a new "state", a new "error" (None for no error), or both; may raise ValueError.

        A bot that runs again answers, and has no error left.
        """
        state = given.get("state", self._state)
        if state not in STATES:
            raise ValueError(f"state is one of {', '.join(STATES)}")
        error = _read_error(given["error"]) if "error" in given else self._error
        if given.get("state") == "running":
            self._is_answering = True
        self._set(state, self._is_answering, error)

    def note_delivery(self, *, is_answered: bool) -> None:
        """A webhook was answered with any status, or not answered at all."""
        self._set(self._state, is_answered, self._error)

    def shown(self) -> dict[str, Any]:
        """Return "state", "is_answering" and "error" (None, or its text, place and hint)."""
        return {"state": self._state, "is_answering": self._is_answering, "error": self._error}

    def _set(self, state: str, is_answering: bool, error: dict[str, str] | None) -> None:
        before = self.shown()
        self._state, self._is_answering, self._error = state, is_answering, error
        if self.shown() != before:
            self._publish({"bot": self.shown()})


def _read_error(given: object) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not given.get("text"):
        raise ValueError("error is null, or an object with text, place and hint")
    return {part: str(given.get(part) or "")[:MAX_PART_CHARS] for part in ERROR_PARTS}
