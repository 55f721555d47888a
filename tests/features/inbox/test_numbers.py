"""What supervisors read: how long people waited, who answered, what the bot did alone."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from tests.fakes.bot import ANA, JOHN
from tests.features.inbox.test_access import invited
from tests.features.inbox.town import Town

from features.inbox.numbers_page import duration
from utils.plots import Series, bars_by_day


async def days(town: Town, number: int = 2) -> list[dict[str, str]]:
    answer = await town.call("GET", "/numbers.csv", params={"days": str(number)})
    return list(csv.DictReader(StringIO(answer.text)))


async def test_numbers_of_a_day_and_the_day_before(town: Town) -> None:
    await town.say("hello", ANA)
    await town.say("hello", JOHN)
    await town.say("I want to talk to a person", ANA)
    town.clock.advance(timedelta(minutes=10))
    await town.act("reply", text="Hi, this is us.")
    town.clock.advance(timedelta(minutes=20))
    await town.act("close")
    [before, today] = await days(town)
    assert (before["people"], before["cases"], before["first_answer_median"]) == ("0", "0", "")
    assert (today["people"], today["bot_alone"], today["cases"]) == ("2", "1", "1")
    assert (today["first_answer_median"], today["resolution_median"]) == ("600.0", "1800.0")
    town.clock.advance(timedelta(days=1))
    await town.say("I want to talk to a person", JOHN)
    town.clock.advance(timedelta(minutes=2))
    page = (await town.call("GET", "/numbers", params={"days": "7"})).text
    for part in ("1, longest 2 min", "2 (1 answered)", "10 min", "30 min", ">Owner</th>"):
        assert part in page, part
    assert [(one["cases"], one["missed"]) for one in await days(town)] == [("1", "0"), ("1", "0")]
    town.clock.advance(timedelta(minutes=14))
    assert [one["missed"] for one in await days(town)] == ["0", "1"], "the second still waits"


async def test_numbers_are_for_supervisors(town: Town) -> None:
    await town.sign_in(await invited(town))
    for path in ("/numbers", "/numbers.csv"):
        assert (await town.call("GET", path)).status_code == 403
    town.cookies.clear()
    assert (await town.call("GET", "/numbers")).status_code == 303


async def test_pages_know_the_time_in_which_people_should_be_answered(town: Town) -> None:
    assert (await town.answer())["answer_minutes"] == 15


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "none yet"), (42, "42 s"), (600, "10 min"), (7200, "2.0 h"), (200_000, "2.3 d")],
)
def test_times_are_written_as_people_read_them(seconds: float | None, told: str) -> None:
    assert duration(seconds) == told


def test_a_plot_has_a_bar_for_each_day_with_numbers() -> None:
    series = [Series("<few>", "#111"), Series("many", "#222")]
    first = date(2026, 11, 1)
    given = {first: (1, 3), date(2026, 11, 3): (0, 2)}
    drawn = bars_by_day(given, series, since=first, until=date(2026, 11, 4), label="A & B")
    assert drawn.count("<rect") == 3
    assert 'height="42.50" fill="#111"' in drawn
    assert "1 &lt;few&gt;, 3 many" in drawn
    assert 'aria-label="A &amp; B"' in drawn
