"""Opening hours: weekdays in two languages, dates, and rows that say nothing."""

from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.handoff.hours import DAYS, OpeningHours, WrongHours


def row(day: str, opens: str = "09:00", closes: str = "18:00", **more: Any) -> dict[str, Any]:
    return {"Day or date": day, "Opens": opens, "Closes": closes, **more}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-24 10:00", False),  # a Tuesday, of which nothing is said
        ("2026-12-28 10:00", False),  # a Monday, but a holiday
        ("2026-12-25 10:00", True),  # a Friday that is open by way of exception
    ],
)
def test_when_it_is_open(moment: str, is_open: bool) -> None:
    rows = [row("Monday"), row("2026-12-28", Closed=True), row("2026-12-25", "9:00", "12:00")]
    assert OpeningHours.read(rows).is_open(datetime.fromisoformat(moment)) is is_open


def test_without_any_it_is_always_open() -> None:
    assert OpeningHours.read([]).is_open(datetime.fromisoformat("2026-11-22 03:00"))


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        (row("someday"), "neither a day"),
        (row(""), "neither a day"),
        (row("Monday", "nine"), "like 09:00"),
        (row("Monday", "", ""), "like 09:00"),
        (row("Monday", "18:00", "09:00"), "closes before it opens"),
    ],
)
def test_what_cannot_be_read_says_why(odd: dict[str, Any], problem: str) -> None:
    with pytest.raises(WrongHours, match=problem):
        OpeningHours.read([odd])


@given(st.sampled_from(sorted(DAYS)), st.times(), st.times(), st.datetimes())
def test_a_day_is_open_exactly_between_its_times(
    day: str, one: time, other: time, moment: datetime
) -> None:
    opens, closes = sorted((one.replace(microsecond=0), other.replace(microsecond=0)))
    if opens == closes:
        return
    hours = OpeningHours.read([row(day.upper(), opens.isoformat(), closes.isoformat())])
    expected = moment.weekday() == DAYS[day] and opens <= moment.time() < closes
    assert hours.is_open(moment) is expected
