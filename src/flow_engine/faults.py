"""Faults of flows, menus and texts: what is wrong, where, and what was probably meant."""

import ast
import dataclasses
import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a file; without a line, the whole file."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        path = Path(self.file)
        shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        return str(shown) if self.line is None else f"{shown}:{self.line}"

    def of_constant(self, text: str) -> "SourceLine":
        """Return the line of a text literal: the first from here on, else this line."""
        here = self.line or 1
        lines = [line for line in _lines_of_constant(self.file, text) if line >= here]
        return SourceLine(self.file, min(lines)) if lines else self


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a developer has to fix before the bot can start."""

    text: str
    where: SourceLine | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text


class FlowDefinitionError(Exception):
    """Flows or menus that cannot be used as they are defined; raised at the start.

    Lists all faults, one a line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = in_file_order(faults)
        super().__init__("\n".join(map(str, self.faults)))


def in_file_order(faults: Iterable[Fault]) -> Sequence[Fault]:
    """Return each fault once: those without a file first, then file by file, line by line."""
    return sorted(dict.fromkeys(faults), key=_place)


def _place(fault: Fault) -> tuple[str, int]:
    return (fault.where.file, fault.where.line or 0) if fault.where else ("", 0)


def did_you_mean(name: str, names: Iterable[str], similarity: float = 0.6) -> str:
    """Return `; did you mean "…"?` with the most similar name; empty if none is similar."""
    similar = difflib.get_close_matches(name, sorted(set(names)), n=1, cutoff=similarity)
    return f'; did you mean "{similar[0]}"?' if similar else ""


def calling_line() -> SourceLine:
    """Return the line that builds the dataclass whose `__post_init__` calls this."""
    frame = sys._getframe(2)  # the generated __init__
    while frame.f_back and (
        frame.f_code.co_name == "__init__" or frame.f_code.co_filename == dataclasses.__file__
    ):
        frame = frame.f_back
    return SourceLine(frame.f_code.co_filename, frame.f_lineno)


def function_line(function: Callable[..., Any]) -> SourceLine | None:
    """Return the line where a function is defined; None for one that has no source."""
    while isinstance(function, partial):
        function = function.func
    of_class = getattr(type(function), "__call__", None)  # noqa: B004  an object that is called
    code = getattr(function, "__code__", None) or getattr(of_class, "__code__", None)
    return SourceLine(code.co_filename, code.co_firstlineno) if code else None


def line_of_error(error: BaseException, is_own: Callable[[str], bool]) -> SourceLine:
    """Return where an error was raised: the innermost line in a file of one's own."""
    if isinstance(error, SyntaxError) and error.filename:
        return SourceLine(error.filename, error.lineno)
    lines = list(_traceback_lines(error.__traceback__))
    return next((line for line in reversed(lines) if is_own(line.file)), lines[-1])


def _traceback_lines(traceback: TracebackType | None) -> Iterator[SourceLine]:
    while traceback is not None:
        yield SourceLine(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next


def _lines_of_constant(file: str, text: str) -> list[int]:
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return []
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node.lineno for node in nodes if node.value == text]
