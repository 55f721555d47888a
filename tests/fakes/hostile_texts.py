"""Long texts that take a careless pattern or parser quadratic time, and how long reading takes."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

#: Four times the most that the bot reads of a message: linear reading is still fast, and quadratic
#: reading takes sixteen times longer than with a message.
CHARS = 40_000
#: Longest that reading one text may take, in seconds of the processor: other programs on
#: the machine do not count.
MAX_SECONDS = 1.0
#: Blanks, digits, separators, accents to be sorted, characters that decompose into many, marks.
PIECES = (
    *(" ", "\t", "\u3000", "\n", "1", "1 ", "1/", " /", "/", "-", ".", ". ", "\u0661", "1990"),
    *("a", "a ", "A.", "'", "a'", "\u0316\u0301", "a\u0301", "\ufdfa", "\u0130", "😀", "王"),
    *("\u200e", "\u200e\n", "\u200d", "(", ",", "@", "x@", "a.a", "://", "https://a ", "+", "e1"),
)


def hostile_texts(chars: int = CHARS, pieces: tuple[str, ...] = PIECES) -> Iterator[str]:
    """Yield runs of each piece, alone and between what makes them fail late."""
    for piece in pieces:
        run = (piece * (chars // len(piece) + 1))[:chars]
        yield from (run, f"1{run}x")


def seconds_of(read: Callable[[str], object], text: str) -> float:
    """Return the processor's time that reading takes, whether the text is refused or not."""
    began = time.thread_time()
    with suppress(ValueError):  # pydantic's ValidationError is one
        read(text)
    return time.thread_time() - began


def slowest(read: Callable[[str], object], texts: Iterator[str]) -> tuple[float, str]:
    """Return the longest time, in seconds, and the beginning of its text; stop if it is too long.

    One text of a quadratic reader is enough to know.
    """
    worst = (0.0, "")
    for text in texts:
        worst = max(worst, (seconds_of(read, text), text[:8]))
        if worst[0] > MAX_SECONDS:
            break
    return worst
