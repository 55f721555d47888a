"""Call hours of a number, as its settings at Meta have them.

The icon of a chat goes by these hours, but buttons, links and the list of recent calls do not: so
they are looked at again when a call comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(slots=True)
class CallHours:
    """The `call_hours` of each number, by its id; what is not known is open."""

    of_numbers: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def learn(self, phone_number_id: str, calling: Mapping[str, Any]) -> None:
        """Keep what the `calling` settings of a number say."""
        hours = calling.get("call_hours")
        self.of_numbers[phone_number_id] = hours if isinstance(hours, Mapping) else {}

    def are_open(self, phone_number_id: str, now: datetime) -> bool:
        """Return whether a number takes calls at this time."""
        return is_open(self.of_numbers.get(phone_number_id, {}), now)


def is_open(call_hours: Mapping[str, Any], now: datetime) -> bool:
    """Return whether Meta's `call_hours` are open; hours that cannot be read are."""
    if call_hours.get("status") != "ENABLED":
        return True
    try:
        local = now.astimezone(ZoneInfo(str(call_hours.get("timezone_id") or "UTC")))
    except (ZoneInfoNotFoundError, ValueError):
        return True
    holiday = _of_date(call_hours.get("holiday_schedule"), local.date())
    spans = holiday if holiday is not None else _of_weekday(call_hours, local.weekday())
    return any(_within(one, local.time()) for one in spans)


def _of_weekday(call_hours: Mapping[str, Any], weekday: int) -> list[Mapping[str, Any]]:
    listed = call_hours.get("weekly_operating_hours")
    return [one for one in _objects(listed) if one.get("day_of_week") == DAYS[weekday]]


def _of_date(holidays: Any, day: date) -> list[Mapping[str, Any]] | None:
    """Return the hours of a holiday; None if the day is none."""
    found: list[Mapping[str, Any]] = [
        {"open_time": one.get("start_time"), "close_time": one.get("end_time")}
        for one in _objects(holidays)
        if one.get("date") == day.isoformat()
    ]
    return found or None


def _within(span: Mapping[str, Any], at: time) -> bool:
    opens, closes = _time(span.get("open_time")), _time(span.get("close_time"))
    return opens is not None and closes is not None and opens <= at < closes


def _time(written: Any) -> time | None:
    """Read "0930"."""
    text = str(written).replace(":", "")
    is_time = len(text) == 4 and text.isdecimal() and int(text[:2]) < 24 and int(text[2:]) < 60
    return time(int(text[:2]), int(text[2:])) if is_time else None


def _objects(items: Any) -> list[Mapping[str, Any]]:
    return [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []
