"""Days by their names, in every language."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import BaseModel, FutureDate, PastDate

from flow_engine import Ask, Flow
from flow_engine.days import coming_day, day_among

TODAY = date(2026, 11, 28)  # a Saturday
DAYS = [(TODAY + timedelta(days=number)).isoformat() for number in range(1, 11)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("friday", "2026-12-04"),
        ("Friday at 8", "2026-12-04"),
        ("this fri pls", "2026-12-04"),
        ("tomorrow", "2026-11-29"),
        ("tmrw works", "2026-11-29"),
        ("the day after tomorrow", "2026-11-30"),
        ("el viernes a las 8", "2026-12-04"),
        ("mañana", "2026-11-29"),
        ("pasado mañana", "2026-11-30"),
        ("el viernes por la mañana", "2026-12-04"),
        ("miercoles", "2026-12-02"),
        ("sexta-feira", "2026-12-04"),
        ("sexta às 20h", "2026-12-04"),
        ("na segunda", "2026-11-30"),
        ("amanhã", "2026-11-29"),
        ("depois de amanhã", "2026-11-30"),
        ("the 4th", "2026-12-04"),
        ("el 4", "2026-12-04"),
        ("dia 4", "2026-12-04"),
        ("4 december", "2026-12-04"),
        ("friday 4 december", "2026-12-04"),
        ("4 de diciembre", "2026-12-04"),
        ("4 de dezembro", "2026-12-04"),
        ("4/12", "2026-12-04"),
    ],
)
def test_a_day_among_those_that_are_offered(text: str, day: str) -> None:
    assert day_among(DAYS, text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["friday or saturday", "whenever", "today", "25 december", "", "4", "in march"]
)
def test_no_day_or_more_than_one(text: str) -> None:
    assert day_among(DAYS, text, TODAY) is None


def test_only_days_are_read_as_days() -> None:
    assert day_among(["friday evening", "saturday"], "friday", TODAY) is None


@pytest.mark.parametrize("text", ["on friday", "Friday", "el viernes", "na sexta", "this friday"])
def test_a_day_to_come(text: str) -> None:
    assert coming_day(text, TODAY) == "2026-12-04"


@pytest.mark.parametrize("text", ["", "see you friday maybe", "25/12/2026", "soon"])
def test_what_names_no_day_to_come(text: str) -> None:
    with pytest.raises(ValueError, match="no day"):
        coming_day(text, TODAY)


class Visit(BaseModel):
    day: FutureDate
    born: PastDate


VISIT = Flow(
    name="visit", version=1, form=Visit, steps=(Ask("day"), Ask("born")), finish=lambda _: ()
)


def test_only_a_day_to_come_is_read_by_its_name() -> None:
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    assert VISIT.parse("day", "tomorrow") == tomorrow
    assert VISIT.takes("day", "next friday")
    assert not VISIT.takes("born", "tomorrow")
    assert not VISIT.takes("born", "friday")
