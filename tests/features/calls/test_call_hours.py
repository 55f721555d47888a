"""Call hours of a number, as Meta has them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from features.calls.call_hours import is_open

WEEK = [
    {"day_of_week": "FRIDAY", "open_time": "0900", "close_time": "1300"},
    {"day_of_week": "FRIDAY", "open_time": "1500", "close_time": "1800"},
]
HOLIDAY = [{"date": "2026-11-27", "start_time": "1000", "end_time": "1100"}]


def hours(**more: Any) -> dict[str, Any]:
    madrid = {"status": "ENABLED", "timezone_id": "Europe/Madrid", "weekly_operating_hours": WEEK}
    return madrid | more


@pytest.mark.parametrize(
    ("call_hours", "utc", "expected"),
    [
        (hours(), "08:00", True),  # 9:00 in Madrid
        (hours(), "07:59", False),
        (hours(), "12:00", False),
        (hours(), "14:30", True),
        (hours(holiday_schedule=HOLIDAY), "08:30", False),
        (hours(holiday_schedule=HOLIDAY), "09:30", True),
        (hours(weekly_operating_hours=[]), "10:00", False),
        (hours(status="DISABLED", weekly_operating_hours=[]), "10:00", True),
        (hours(timezone_id="Mars/Base"), "03:00", True),
        (hours(weekly_operating_hours=[{"day_of_week": "FRIDAY"}, 7]), "10:00", False),
        ({}, "03:00", True),
    ],
)
def test_hours_of_a_friday(call_hours: dict[str, Any], utc: str, expected: bool) -> None:
    at = datetime.fromisoformat(f"2026-11-27T{utc}").replace(tzinfo=UTC)
    assert is_open(call_hours, at) is expected
