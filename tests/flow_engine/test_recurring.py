"""When something takes place next, by its rule."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flow_engine.recurring import PLACES, WEEKDAYS, next_occurrence, occurrences

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
RULES = st.builds(
    "{} {} {:02}:{:02}".format,
    st.sampled_from(("every", "last", *PLACES)),
    st.sampled_from(WEEKDAYS),
    st.integers(0, 23),
    st.integers(0, 59),
)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("last saturday 14:00-18:00", "2026-11-28T14:00+00:00/2026-11-28T18:00+00:00"),
        ("first saturday 10:00", "2026-12-05T10:00+00:00"),
        ("every friday 9:00-11:00", "2026-11-27T09:00+00:00/2026-11-27T11:00+00:00"),
        ("every friday 8:00-9:00", "2026-12-04T08:00+00:00/2026-12-04T09:00+00:00"),
        ("second tuesday 18:30, 2026-12-01 7:00", "2026-12-01T07:00+00:00"),
        ("every friday 22:00-2:00", "2026-11-27T22:00+00:00/2026-11-28T02:00+00:00"),
    ],
)
def test_the_next_one_is_the_one_that_is_on_or_comes(rule: str, first: str) -> None:
    assert str(next_occurrence(rule, NOW)) == first


def test_dates_that_are_over_have_no_next_one() -> None:
    assert next_occurrence("2026-11-26 10:00", NOW) is None


@given(RULES, st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.times())
def test_they_follow_each_other_and_are_on_their_weekday(rule: str, day: date, at: time) -> None:
    now = datetime.combine(day, at, UTC)
    found = list(islice(occurrences(rule, now), 3))
    starts = [one.start for one in found]
    assert len(found) == 3
    assert starts == sorted(set(starts))
    assert all(one > now - timedelta(hours=1) for one in starts)
    assert {WEEKDAYS[one.weekday()] for one in starts} == {rule.split()[1]}
    place = rule.split()[0]
    if place in PLACES:
        assert {(one.day - 1) // 7 for one in starts} == {PLACES.index(place)}
    if place == "last":
        assert all((one + timedelta(days=7)).month != one.month for one in starts)


@given(st.dates(date(2026, 11, 28), date(2027, 11, 1)), st.times())
def test_a_date_is_its_own_next_one(day: date, at: time) -> None:
    found = next_occurrence(f"{day} {at:%H:%M}", NOW)
    assert found is not None
    assert found.start.date() == day


@pytest.mark.parametrize("rule", ["", "saturday", "fifth monday 10:00", "last saturday"])
def test_a_rule_that_says_no_time_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="says no time"):
        next_occurrence(rule, NOW)
