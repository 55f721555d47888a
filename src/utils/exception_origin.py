"""The type of an exception and where it was raised; its text only on request."""

import traceback
from collections.abc import Iterator
from pathlib import Path, PurePath

#: Frames shown of one exception, the innermost.
MAX_FRAMES = 20
#: Exceptions shown of one chain of causes.
MAX_EXCEPTIONS = 10
SOURCE = Path(__file__).parents[1]
#: Folders of the source, in the order in which a frame there explains an error.
EXPLAINING_FOLDERS = (SOURCE / "flows", SOURCE / "features", SOURCE)


def describe_origin(error: BaseException, *, with_text: bool = False) -> list[str]:
    """Return the type and the frames of an exception and its causes, oldest frame first.

    `with_text` adds what the exceptions say, and first of all the place to look at.
    """
    lines: list[str] = []
    for count, (link, each) in enumerate(_chain(error)):
        if count == MAX_EXCEPTIONS:
            break
        head = title_of(each) if with_text else _type_name(each)
        lines.append(f"{link}{head}")
        if with_text and each is error and (place := place_of(error)):
            lines.append(f"  see {place}")
        frames = list(traceback.walk_tb(each.__traceback__))[-MAX_FRAMES:]
        lines += [
            f"  at {short_path(frame.f_code.co_filename)}:{line} in {frame.f_code.co_name}"
            for frame, line in frames
        ]
    return lines


def title_of(error: BaseException) -> str:
    """Return the type and the text of an exception, as tracebacks end."""
    lines = traceback.format_exception_only(type(error), error)
    return lines[-1].strip() if isinstance(error, SyntaxError) else "".join(lines).strip()


def place_of(error: BaseException) -> str:
    """Return "src/flows/menu.py:31", the innermost frame of a flow, a feature, or our source.

    Empty where no frame is ours.
    """
    frames = [frame for _, each in _chain(error) for frame in _own_frames(each)]
    for folder in EXPLAINING_FOLDERS:
        for path, line in frames:
            if path.is_relative_to(folder):
                return f"{path.relative_to(SOURCE.parent).as_posix()}:{line}"
    return ""


def short_path(filename: str) -> str:
    return "/".join(PurePath(filename).parts[-3:])


def _own_frames(error: BaseException) -> list[tuple[Path, int]]:
    """Files and lines of an exception, the innermost first."""
    found = [
        (Path(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        found.append((Path(error.filename), error.lineno or 1))
    return found[::-1]


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
