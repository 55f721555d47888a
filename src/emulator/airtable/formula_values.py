"""Values of formulas: texts, numbers, moments, and what stands for an error.

Source: support.airtable.com/docs/formula-field-reference
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

#: Formats in which people write dates, apart from those of ISO 8601.
WRITTEN = (
    *("%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y"),
    *("%m/%d/%Y", "%Y/%m/%d"),
)


class FormulaError(Exception):
    """A formula has no value for a record: Airtable shows #ERROR!, and a filter skips it."""


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return written(value)
    return ", ".join(text(one) for one in value) if isinstance(value, list) else str(value)


def number(value: Any) -> float:
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(text(value).replace(",", "").strip("$€£% "))
    except ValueError:
        raise FormulaError(f"{value!r} is no number") from None


def numbers(values: Iterable[Any]) -> list[float]:
    """Return the numbers among values; what is empty or a text does not count."""
    flat = [one for each in values for one in (each if isinstance(each, list) else [each])]
    return [float(one) for one in flat if isinstance(one, int | float)]


def moment(value: Any) -> datetime:
    """Return a point in time; without a zone it is in UTC."""
    found = value if isinstance(value, datetime) else read_moment(text(value))
    if found is None:
        raise FormulaError(f"{value!r} is no date")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def read_moment(given: str) -> datetime | None:
    """Return what a person or a program wrote as a date or a time, if it is one."""
    try:
        return datetime.fromisoformat(given.strip())
    except ValueError:
        pass
    for form in WRITTEN:
        try:
            return datetime.strptime(given.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_true(value: Any) -> bool:
    return bool(value)


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, datetime) or isinstance(right, datetime):
        return _same_moment(left, right)
    if isinstance(left, bool) or isinstance(right, bool):
        return bool(left) == bool(right)
    if isinstance(left, float | int) and isinstance(right, float | int):
        return bool(left == right)
    if isinstance(left, float | int) or isinstance(right, float | int):
        return bool(left == right)
    return text(left) == text(right)


def _same_moment(left: Any, right: Any) -> bool:
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    return moment(left) == moment(right)


def ordered(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two values of one kind, to be compared by < and >."""
    if isinstance(left, datetime) or isinstance(right, datetime):
        if left in (None, "") or right in (None, ""):
            raise FormulaError("a date is empty")
        return moment(left), moment(right)
    if isinstance(left, str) and isinstance(right, str):
        return (moment(left), moment(right)) if _are_dates(left, right) else (left, right)
    return number(left), number(right)


def _are_dates(*values: str) -> bool:
    return all(len(one) >= len("2026-01-01") and read_moment(one) is not None for one in values)


def day(value: Any) -> date:
    return moment(value).date()
