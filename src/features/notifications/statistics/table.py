"""Statistics as a table: CSV, and lines of a terminal."""

import csv
import io
from collections.abc import Sequence

from features.notifications.stage import Status
from features.notifications.statistics.groups import GroupBy
from features.notifications.statistics.schema import StatisticsGroup

#: Characters at the beginning of a cell that a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@")


def header(by: Sequence[GroupBy]) -> list[str]:
    """Return the names of the columns."""
    rates = [
        f"{name} {part}" for name in ("delivery", "read", "failure") for part in ("rate", "of")
    ]
    medians = ["median s to delivered", "median s to read"]
    known = ["held", "pending over an hour", *rates, *medians, "billable", "failed by code"]
    return [*by, "total", *(one.value for one in Status), *known]


def cells(group: StatisticsGroup) -> list[str]:
    """Return a row."""
    rates = [
        value
        for one in (group.delivery, group.read, group.failure)
        for value in ("" if one.rate is None else f"{one.rate:g}", str(one.whole))
    ]
    medians = (group.median_seconds_to_delivered, group.median_seconds_to_read)
    return [
        *group.group.values(),
        str(group.total),
        *(str(group.by_status[one]) for one in Status),
        str(group.held),
        str(group.pending_over_an_hour),
        *rates,
        *("" if one is None else f"{one:g}" for one in medians),
        _listed(group.billable_by_category),
        _listed(group.failed_by_code),
    ]


def as_csv(groups: Sequence[StatisticsGroup], by: Sequence[GroupBy]) -> str:
    """Return all groups as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header(by))
    for one in groups:
        writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells(one))
    return text.getvalue()


def as_lines(groups: Sequence[StatisticsGroup], by: Sequence[GroupBy]) -> list[str]:
    """Return the lines of a terminal; columns without any number are left out."""
    names, rows = header(by), [cells(one) for one in groups]
    shown = [
        place
        for place, name in enumerate(names)
        if name in {*by, "total"} or any(row[place] not in ("", "0") for row in rows)
    ]
    table = [names, *rows]
    widths = {place: max(len(row[place]) for row in table) for place in shown}
    return ["  ".join(row[place].ljust(widths[place]) for place in shown).rstrip() for row in table]


def _listed(numbers: dict[str, int]) -> str:
    return " ".join(f"{name}:{number}" for name, number in numbers.items())
