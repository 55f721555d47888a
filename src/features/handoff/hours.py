"""When people of ours can be reached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

DAYS = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "lunes"),
            ("tuesday", "martes"),
            ("wednesday", "miércoles", "miercoles"),
            ("thursday", "jueves"),
            ("friday", "viernes"),
            ("saturday", "sábado", "sabado"),
            ("sunday", "domingo"),
        )
    )
    for name in names
}


class WrongHours(ValueError):
    """A row that cannot be read; says which, and why."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Times of opening and closing: of weekdays (Monday is 0), and of dates, which go first.

    None instead of times is closed. Without any, it is always open.
    """

    days: Mapping[int, tuple[time, time] | None] = field(default_factory=dict)
    dates: Mapping[date, tuple[time, time] | None] = field(default_factory=dict)

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> "OpeningHours":
        """Rows of "Day or date", "Opens", "Closes" and "Closed"; WrongHours if one is odd."""
        days: dict[int, tuple[time, time] | None] = {}
        dates: dict[date, tuple[time, time] | None] = {}
        for row in rows:
            name = str(row.get("Day or date", "")).strip()
            times = _times(name, row)
            if name.casefold() in DAYS:
                days[DAYS[name.casefold()]] = times
            else:
                dates[_date(name)] = times
        return cls(days, dates)

    def is_open(self, moment: datetime) -> bool:
        """`moment` is in the time zone of the place."""
        if not self.days and not self.dates:
            return True
        times = self.dates.get(moment.date(), self.days.get(moment.weekday()))
        return times is not None and times[0] <= moment.time() < times[1]


def _times(name: str, row: Mapping[str, Any]) -> tuple[time, time] | None:
    if row.get("Closed"):
        return None
    try:
        opens = time.fromisoformat(str(row.get("Opens", "")).strip().zfill(5))
        closes = time.fromisoformat(str(row.get("Closes", "")).strip().zfill(5))
    except ValueError:
        raise WrongHours(f"{name}: times are written like 09:00") from None
    if opens >= closes:
        raise WrongHours(f"{name}: it closes before it opens")
    return opens, closes


def _date(name: str) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError:
        raise WrongHours(
            f"{name} is neither a day of the week nor a date such as 2026-12-24"
        ) from None
