"""Faults of flows, menus and texts: what is wrong, where, and what was probably meant."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flow_engine.source import SourceLine


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
