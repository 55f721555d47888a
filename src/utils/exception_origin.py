"""Where an exception came from, without a word of what it says."""

import traceback
from collections.abc import Iterator
from pathlib import PurePath

MOST_FRAMES = 20
MOST_EXCEPTIONS = 10


def describe_origin(error: BaseException) -> list[str]:
    """The type and the frames of an exception, then of what caused it; oldest frame first."""
    lines: list[str] = []
    for count, (link, each) in enumerate(_chain(error)):
        if count == MOST_EXCEPTIONS:
            break
        lines.append(f"{link}{_type_name(each)}")
        frames = list(traceback.walk_tb(each.__traceback__))[-MOST_FRAMES:]
        lines += [
            f"  at {short_path(frame.f_code.co_filename)}:{line} in {frame.f_code.co_name}"
            for frame, line in frames
        ]
    return lines


def short_path(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-3:])


def _chain(error: BaseException, link: str = "") -> Iterator[tuple[str, BaseException]]:
    yield link, error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _chain(member, "among them ")
    if error.__cause__ is not None:
        yield from _chain(error.__cause__, "caused by ")
    elif error.__context__ is not None and not error.__suppress_context__:
        yield from _chain(error.__context__, "while handling ")


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
