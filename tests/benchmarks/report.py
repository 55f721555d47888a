"""Benchmark results: a table for people, and JSON for programs."""

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.load import Result


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a results table."""

    name: str
    per_second: float | None = None
    #: Ratio to the first row, measured in the same run.
    ratio: float | None = None
    #: Latencies in milliseconds.
    p50: float | None = None
    p99: float | None = None
    longest: float | None = None
    note: str = ""

    def named(self, name: str, *, ratio: float | None = None) -> "Figure":
        """Return the same figure under another name."""
        return replace(self, name=name, ratio=ratio)

    def __str__(self) -> str:
        parts = [f"  {self.name:<44}"]
        if self.per_second is not None:
            parts.append(f"{self.per_second:>9,.0f}/s")
        if self.ratio is not None:
            parts.append(f"x {self.ratio:<5.2f}")
        if self.p50 is not None:
            parts.append(f"p50 {self.p50:,.1f}  p99 {self.p99:,.1f}  max {self.longest:,.1f} ms")
        return "  ".join([*parts, self.note]).rstrip()


@dataclass(slots=True)
class Section:
    """A results table. It prints each row at once, because a run takes minutes."""

    key: str
    title: str
    figures: list[Figure] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(f"\n{self.title}", flush=True)

    def add(self, figure: Figure) -> None:
        """Append a row and print it."""
        self.figures.append(figure)
        print(figure, flush=True)


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one run."""

    machine: str
    measured_at: str
    sections: list[Section]

    @classmethod
    def begin(cls) -> "Report":
        """Start an empty report of this machine and day."""
        report = cls(describe_machine(), f"{datetime.now(UTC):%Y-%m-%d}", [])
        print(report.machine, flush=True)
        return report

    def write(self, folder: Path) -> None:
        """Write bench.json and bench.txt into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "bench.json").write_text(json.dumps(asdict(self), indent=1) + "\n")
        (folder / "bench.txt").write_text(self.text())

    def text(self) -> str:
        """Return all tables as plain text."""
        lines = [f"{self.machine}, {self.measured_at}"]
        for section in self.sections:
            lines += ["", section.title, *map(str, section.figures)]
        return "\n".join(lines) + "\n"


def describe_machine() -> str:
    """Return cores, processor, system and versions in one line."""
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def figure_of(name: str, results: Sequence[Result], *, ratio: float | None = None) -> Figure:
    """Return the median of several results; the longest latency is the maximum of all."""
    return Figure(
        name,
        per_second=median(one.per_second for one in results),
        ratio=ratio,
        p50=median(one.percentile(0.5) for one in results),
        p99=median(one.percentile(0.99) for one in results),
        longest=max(one.percentile(1) for one in results),
    )
