"""Opening hours: weekdays in two languages, dates, and rows that say nothing."""

from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.handoff.hours import DAY_NAMES, OpeningHours, WrongHours


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
        (row("Monday", "25:00", "09:00"), "25:00 is no time"),
        (row("Monday", "9:75", "10:00"), "9:75 is no time"),
        (row("Monday", "13pm", "15:00"), "13pm is no time"),
        (row("Monday", "24:00", "09:00"), "is the next one"),
        (row("Monday", "9", "09:00"), "it closes when it opens"),
        (row("Mo"), "neither a day"),
    ],
)
def test_what_cannot_be_read_says_why(odd: dict[str, Any], problem: str) -> None:
    with pytest.raises(WrongHours, match=problem):
        OpeningHours.read([odd])


@pytest.mark.parametrize(
    ("rows", "moment", "is_open"),
    [
        ([row("Thu", "9", "6pm")], "2026-11-26 17:59", True),
        ([row("Thurs.", "9am", "12:30 p.m.")], "2026-11-26 12:29", True),
        ([row("jueves", "9.30", "18h")], "2026-11-26 09:29", False),
        ([row("Terça-feira", "9h30", "18")], "2026-11-24 09:30", True),
        ([row("Mon", "9", "13"), row("Mon", "15", "18")], "2026-11-23 10:00", True),
        ([row("Mon", "9", "13"), row("Mon", "15", "18")], "2026-11-23 14:00", False),
        ([row("Mon", "9", "13"), row("Mon", "15", "18")], "2026-11-23 16:00", True),
        ([row("Fri", "22:00", "02:00")], "2026-11-27 23:00", True),
        ([row("Fri", "22:00", "02:00")], "2026-11-28 01:59", True),
        ([row("Fri", "22:00", "02:00")], "2026-11-28 02:00", False),
        ([row("Fri", "22:00", "02:00")], "2026-11-27 01:00", False),
        ([row("Sat", "00:00", "24:00")], "2026-11-28 23:59", True),
        ([row("Sat", "00:00", "24:00")], "2026-11-29 00:00", False),
        ([row("Sat", "12am", "12pm")], "2026-11-28 11:59", True),
        ([row("Fri"), row("2026-11-27", Closed=True)], "2026-11-27 10:00", False),
    ],
)
def test_times_are_read_as_people_write_them(
    rows: list[dict[str, Any]], moment: str, is_open: bool
) -> None:
    assert OpeningHours.read(rows).is_open(datetime.fromisoformat(moment)) is is_open


DAYS = {name: number for number, names in enumerate(DAY_NAMES) for name in names}


@given(st.sampled_from(sorted(DAYS)), st.times(), st.times(), st.datetimes())
def test_a_day_is_open_exactly_between_its_times(
    day: str, one: time, other: time, moment: datetime
) -> None:
    opens, closes = sorted(each.replace(second=0, microsecond=0) for each in (one, other))
    if opens == closes:
        return
    hours = OpeningHours.read([row(day.upper(), f"{opens:%H:%M}", f"{closes:%H:%M}")])
    expected = moment.weekday() == DAYS[day] and opens <= moment.time() < closes
    assert hours.is_open(moment) is expected


def test_a_row_without_a_day_is_named() -> None:
    with pytest.raises(WrongHours, match=r"^an empty cell is neither a day of the week"):
        OpeningHours.read([{"Opens": "22:00", "Closes": "2:00"}])
