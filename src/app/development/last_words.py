"""The error that ended a bot, read from the end of what it wrote to standard error."""

import re
from collections.abc import Iterator
from pathlib import Path

from app.development.errors import DevError
from utils.exception_origin import EXPLAINING_FOLDERS, SOURCE

HINT = "Correct it and save: the bot starts again by itself."
#: Lines of uvicorn, which follow the error that they speak of.
NOISE = re.compile(r" - ERROR - (failed|Application startup failed\. Exiting\.)$")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ - (?P<level>[A-Z]+) - (?P<message>.*)")
COLOURS = re.compile(r"\x1b\[\d+m")
#: A file and a line, as tracebacks and as our own errors have it.
PLACES = (
    re.compile(r'File "(?P<file>[^"<>]+)", line (?P<line>\d+)'),
    re.compile(r"(?P<file>[\w./\\-]+\.(?:py|toml|md|yaml)):(?P<line>\d+)"),
)
#: A fault of a flow or a text, which begins with its place.
FAULT = re.compile(r"^\s+(?P<file>[\w./\\-]+\.(?:py|toml)):(?P<line>\d+): ", re.MULTILINE)
TRACEBACK = "Traceback (most recent call last):"


def read_error(stderr: str, *, source: Path = SOURCE) -> DevError | None:
    """Return the last error of a text; None where there is none."""
    lines = COLOURS.sub("", stderr).splitlines()
    lines = [line for line in lines if line.strip() and not NOISE.search(line)]
    block = _last_block(lines)
    if not block:
        return None
    text = _text_of(block).replace(f"{source.parent.as_posix()}/", "")
    place = _place_in("\n".join(block), source)
    return DevError(text.removeprefix(f"{place}: "), place, HINT)


def _last_block(lines: list[str]) -> list[str]:
    """Return the last traceback, or the last error of the log; without either, everything."""
    starts = [
        number
        for number, line in enumerate(lines)
        if line == TRACEBACK
        or ((logged := LOG_LINE.match(line)) and logged["level"] in ("ERROR", "CRITICAL"))
    ]
    if starts:
        return lines[starts[-1] :]
    return [line for line in lines if not LOG_LINE.match(line)]


def _text_of(block: list[str]) -> str:
    if block[0] == TRACEBACK:
        last_frame = max(number for number, line in enumerate(block) if line.startswith(" "))
        return "\n".join(block[last_frame + 1 :]) or block[-1].strip()
    logged = LOG_LINE.match(block[0])
    if logged is None:
        return "\n".join(block)
    further = [line.removeprefix("    ") for line in block[1:]]
    if any(line.startswith("  at ") for line in further):  # an exception: its text says more
        ends = next(number for number, line in enumerate(further) if line.startswith("  "))
        return "\n".join(further[:ends])
    return "\n".join([logged["message"], *further])


def _place_in(text: str, source: Path) -> str:
    """Return the innermost line of a flow, a feature, or our source that a text names."""
    if (fault := FAULT.search(text)) is not None:  # what else it names only uses the text
        return f"{_relative(fault['file'], source)}:{fault['line']}"
    named = [_relative(file, source) + f":{line}" for file, line in _places(text)]
    for folder in EXPLAINING_FOLDERS:
        inside = (Path(source.name) / folder.relative_to(SOURCE)).as_posix() + "/"
        found = [place for place in named if place.startswith(inside)]
        if found:
            return found[0] if "\n      see " in text else found[-1]
    return ""


def _places(text: str) -> Iterator[tuple[str, str]]:
    for pattern in PLACES:
        for found in pattern.finditer(text):
            yield found["file"], found["line"]


def _relative(file: str, source: Path) -> str:
    path = Path(file)
    return path.relative_to(source.parent).as_posix() if path.is_relative_to(source) else file
