"""The report of a run in Markdown: what was done, what happened, which promises were broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.report import describe_machine
from tests.prove.checker import check, gaps, repeats
from tests.prove.history import History, Kind
from tests.prove.violations import Promise, Violation

#: Violations that the report shows; `history.json` has everything.
MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Result:
    """A run on one database, and what the checker found in it."""

    name: str
    seconds: float
    processes: Sequence[str]
    history: History
    violations: Sequence[Violation]
    #: Kinds of faults that this machine or database cannot have.
    skipped: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        name: str,
        seconds: float,
        processes: Sequence[str],
        history: History,
        skipped: Sequence[str] = (),
    ) -> "Result":
        """Check a history."""
        return cls(name, seconds, processes, history, check(history), skipped)


def to_markdown(results: Sequence[Result], *, command: str, seed: int) -> str:
    """Return the whole report."""
    lines = [f"# Proof, seed {seed}", "", f"`{command}`, {describe_machine()}", ""]
    rows = [_figures(each) for each in results]
    lines += _table(["", *(each.name for each in results)], rows)
    for each in results:
        lines += _broken(each)
    return "\n".join(lines) + "\n"


def _figures(result: Result) -> dict[str, str]:
    history = result.history
    taken = [each for each in history.messages if each.acknowledged_at is not None]
    waits = [seconds for seconds, _ in gaps(history)] or [0.0]
    kinds = Counter(each.kind for each in taken)
    broken = Counter(each.promise for each in result.violations)
    faults = Counter(each.kind for each in history.faults)
    return {
        "seconds": f"{result.seconds:,.0f}",
        "processes": ", ".join(result.processes),
        "messages acknowledged": f"{len(taken):,}",
        "of these slow, failing, poison, forms": ", ".join(
            str(kinds[kind]) for kind in (Kind.SLOW, Kind.FLAKY, Kind.POISON, Kind.FORM)
        ),
        "POSTs, and of these not answered with 200": (
            f"{sum(each.posts for each in history.messages):,}, {history.refused:,}"
        ),
        "messages at Meta": f"{len(history.arrivals):,}",
        "faults": ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items())) or "none",
        "faults that are not possible here": ", ".join(result.skipped) or "none",
        "from 200 to the answer: median, p99, longest": ", ".join(
            f"{_share(waits, share):.2f} s" for share in (0.5, 0.99, 1.0)
        ),
        "messages that came again at Meta": str(repeats(history)),
        **{f"**{promise}**": f"**{broken[promise]}**" for promise in Promise},
    }


def _share(waits: Sequence[float], share: float) -> float:
    """Return the wait that this share of all waits does not exceed; they begin with the longest."""
    return waits[min(int(len(waits) * (1 - share)), len(waits) - 1)]


def _table(head: Sequence[str], columns: Sequence[Mapping[str, str]]) -> list[str]:
    rows = [[name, *(each[name] for each in columns)] for name in columns[0]]
    ruler = ["---"] * len(head)
    return [f"| {' | '.join(row)} |" for row in (head, ruler, *rows)]


def _broken(result: Result) -> list[str]:
    """Return the violations, each with what its person wrote and got."""
    if not result.violations:
        return []
    lines = ["", f"## Broken on {result.name}", ""]
    for each in result.violations[:MAX_SHOWN]:
        lines.append(f"- **{each.promise}**, {each.about}: {each.what}")
        lines += [f"  - {line}" for line in _events(each.about, result.history)]
    if len(result.violations) > MAX_SHOWN:
        lines.append(f"- … {len(result.violations) - MAX_SHOWN} more")
    return lines


def _events(person: str, history: History) -> list[str]:
    """Return what happened to a person, in order; faults of that time too."""
    events = [
        (each.posted_at, f"wrote {each.kind} {each.number}, {_acknowledged(each.acknowledged_at)}")
        for each in history.messages
        if each.person == person
    ]
    events += [
        (each.at, f"got {each.text!r} ({each.delivery})")
        for each in history.arrivals
        if each.person == person
    ]
    if not events:
        return []
    first, last = min(events)[0], max(events)[0]
    events += [
        (each.began_at, f"{each.kind} {each.victim}, {each.ended_at - each.began_at:.1f} s")
        for each in history.faults
        if first <= each.ended_at and each.began_at <= last
    ]
    return [f"{at - first:.2f} s: {what}" for at, what in sorted(events)]


def _acknowledged(at: float | None) -> str:
    return "never acknowledged" if at is None else "acknowledged"
