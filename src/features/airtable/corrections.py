"""What operators correct in fields that the bot writes, too.

`told` is what Airtable had when the bot wrote last: a cell that is still the same was not changed
by operators. If the bot's value has changed meanwhile as well, the later change wins.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from domain.json import JsonObject
from features.airtable.plain_reasons import reason_of
from features.airtable.tables import change_log
from features.airtable.timestamps import parse_iso_datetime
from services.operator_tables import Cells, SyncCycle
from storage.engine.write import Write

#: Longest part of a value that is quoted, in characters.
MAX_QUOTED_CHARS = 100
#: Time after which *Problem* no longer says why a correction was refused.
REFUSAL_SHOWN_FOR = timedelta(days=1)
#: Key of the lane's state: when corrections were refused, by the ids of the records.
_REFUSED_AT = "corrections_refused_at"
_NOT_TAKEN = " was not taken over: "


class SharedColumn(Protocol):
    """A column that the bot writes and operators correct."""

    @property
    def title(self) -> str: ...

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        """Return the values that a cell stands for; ValueError with the reason if it is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Correction:
    """A cell that operators changed."""

    title: str
    before: Any
    after: Any


@dataclass(slots=True)
class Corrections:
    """What follows from the shared cells of one record."""

    #: values that the bot takes over, by their names
    values: dict[str, Any] = field(default_factory=dict)
    taken: list[Correction] = field(default_factory=list)
    #: changes that came before a later one of the person
    outdated: list[Correction] = field(default_factory=list)
    #: why changes are refused, in sentences for operators, by the titles of the columns
    problems: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.taken or self.outdated or self.problems)

    @property
    def titles(self) -> set[str]:
        return {one.title for one in (*self.taken, *self.outdated)} | self.problems.keys()


def read_corrections(
    columns: Sequence[SharedColumn],
    cells: Cells,
    *,
    told: JsonObject | None,
    known: Cells,
    is_later: Callable[[str], bool],
) -> Corrections:
    """Compare cells with what they were told and with what is known.

    `known` has the cells as the bot would write them now. `is_later(title)` says whether the
    change of operators is later than the person's own; it is asked only if both changed. A `told`
    of None means that Airtable has not been told yet: nothing counts.
    """
    found = Corrections()
    for column in columns if told is not None else ():
        if column.title not in cells:
            continue
        cell, before = cells[column.title], known.get(column.title)
        if same_cell(cell, before) or same_cell(cell, (told or {}).get(column.title)):
            continue
        change = Correction(column.title, before, cell)
        is_changed_here = not same_cell(before, (told or {}).get(column.title))
        if is_changed_here and not is_later(column.title):
            found.outdated.append(change)
            continue
        try:
            found.values |= column.parse_cell(cell)
        except ValueError as error:
            found.problems[column.title] = _refusal(change, error)
        else:
            found.taken.append(change)
    return found


def same_cell(one: Any, other: Any) -> bool:
    """Return whether two cells show the same: empty ones are absent, times have zones."""
    return bool(_plain(one) == _plain(other))


def _plain(cell: Any) -> Any:
    if cell in (None, "", False) or cell == []:
        return None
    if isinstance(cell, str):
        moment = parse_iso_datetime(cell) if "T" in cell else None
        return moment.astimezone(UTC) if moment else cell.strip()
    return cell


def problem_after(
    cycle: SyncCycle, record_id: str, problem: str | None, found: Corrections, cells: Cells
) -> str | None:
    """Return what *Problem* says once operators changed cells of a record.

    What it said of a cell goes when that cell is changed again, and after REFUSAL_SHOWN_FOR.
    """
    refused_at: dict[str, float] = cycle.state.setdefault(_REFUSED_AT, {})
    oldest = (cycle.now - REFUSAL_SHOWN_FOR).timestamp()
    is_reported = record_id in cycle.changes_at  # else all cells are read again
    is_over = refused_at.get(record_id, oldest) < oldest
    titles = found.titles | (set(cells) if is_reported or is_over else set())
    kept = [one for one in (problem or "").splitlines() if one.partition(": ")[0] not in titles]
    lines = [*kept, *found.problems.values()]
    if found.problems:
        refused_at[record_id] = cycle.now.timestamp()
    elif not lines:
        refused_at.pop(record_id, None)
    return "\n".join(lines) or None


def still_true(problem: str | None, known: Cells) -> str | None:
    """Return a *Problem* without what it says of cells that have got another value since."""

    def is_true(line: str) -> bool:
        title, _, said = line.partition(": ")
        is_about_cell = _NOT_TAKEN in said and title in known
        return not is_about_cell or line.endswith(_kept(known[title]))

    return "\n".join(filter(is_true, (problem or "").splitlines())) or None


def _refusal(change: Correction, error: ValueError) -> str:
    shown = "empty" if _plain(change.after) is None else _quoted(change.after)
    return f"{change.title}: {shown}{_NOT_TAKEN}{reason_of(error)}. {_kept(change.before)}"


def _kept(cell: Any) -> str:
    return f"The bot keeps {'nothing' if _plain(cell) is None else _quoted(cell)}."


def _quoted(cell: Any) -> str:
    words = " ".join(str(cell).split())
    return f"“{words if len(words) <= MAX_QUOTED_CHARS else words[:MAX_QUOTED_CHARS] + '…'}”"


def cell_of_moment(moment: datetime | None) -> str | None:
    """Return a time as a cell."""
    return None if moment is None else moment.isoformat()


def correction_writes(
    user_key: str, subject: str, found: Corrections, *, at: datetime
) -> list[Write]:
    """Return the rows of the change log: what was taken over, and what came too late."""
    changes = [(one, change_log.OPERATORS) for one in found.taken]
    changes += [(one, change_log.OUTDATED) for one in found.outdated]
    return [
        change_log.add(
            user_key,
            subject=subject,
            field=one.title,
            before=one.before,
            after=one.after,
            changed_by=who,
            at=at,
        )
        for one, who in changes
    ]
