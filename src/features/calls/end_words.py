"""Why a call ended, in words: for operators, and for whoever runs the bot."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import texts as core_texts
from features.calls.calling import CALL_ERRORS
from features.calls.states import End
from features.calls.tables import CallRow
from texts.catalogue import Texts

#: Returns the text of a key.
Say = Callable[[str], str]
#: Ends of calls that were meant to go on.
EARLY = frozenset({End.NO_MEDIA, End.LOST, End.FAILED, End.TOO_LONG, End.DRAINED, End.ORPHANED})


def reason_of(say: Say, end: End, error: int | None = None) -> str:
    """Return why a call ended, and what helps: what Meta's code means, or else the end itself."""
    if error is not None and error in CALL_ERRORS:
        return CALL_ERRORS[error]
    words = say(f"calls.{text_of(end)}")
    return words if error is None else f"{words} (Meta's code {error})"


def text_of(end: End) -> str:
    """Return the name of the text that says why a call ended."""
    return f"end_{end.value}"


def printed_reason(row: CallRow) -> str:
    """Return why a call ended, for a terminal; its state while it goes on."""
    if row.reason is None:
        return row.state
    texts = load_texts()
    return reason_of(lambda key: texts.say("en", key, {"first_name": ""}), row.reason, row.error)


@cache
def load_texts() -> Texts:
    """Return the texts of the core and of this feature."""
    return Texts.load(Path(core_texts.__path__[0]), Path(__file__).parent / "texts")
