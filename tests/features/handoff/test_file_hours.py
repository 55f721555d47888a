"""Opening hours of the config file, and what operators set over them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.following_bot import FollowingBot
from tests.fakes.operators import sync, write
from tests.fakes.written_settings import COMPLETE, problems, read

from emulator.airtable.testing import AirtableDouble
from features.handoff.feature import HandoffFeature
from features.handoff.file_hours import read_hours
from features.handoff.hours import OpeningHours
from features.handoff.settings import HandoffSettings

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MONDAY, FRIDAY, SATURDAY = (f"2026-11-{day} 10:00" for day in (23, 27, 28))


def is_open(hours: OpeningHours, moment: str) -> bool:
    return hours.is_open(datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("key", "span", "moment", "expected"),
    [
        ("monday-friday", "9:00-18:00", FRIDAY, True),
        ("monday-friday", "9:00-18:00", SATURDAY, False),
        ("Mon to Fri", "9 to 18", MONDAY, True),
        ("friday - monday", "9am-1pm", SATURDAY, True),
        ("friday - monday", "9am-1pm", "2026-11-25 10:00", False),
        ("segunda-feira", "9-18", MONDAY, True),
        ("segunda-feira-sexta-feira", "9-18", FRIDAY, True),
        ("lunes", "9:00–13:00", MONDAY, True),  # noqa: RUF001
        ("2026-11-23", "closed", MONDAY, False),
        ("2026-11-23", "closed", FRIDAY, True),
        ("domingo", "cerrado", "2026-11-29 10:00", False),
        ("friday", "22:00-02:00", "2026-11-28 01:00", True),
    ],
)
def test_what_the_file_says(key: str, span: str, moment: str, expected: bool) -> None:
    assert is_open(read_hours({key: [span]}), moment) is expected


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "bot.yaml").write_text(f"hours:\n{text}\n")
    return {**COMPLETE, "BOT_CONFIG": str(folder / "bot.yaml")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  moonday: 9-18", "bot.yaml:2: hours.moonday: moonday is neither a day of the week"),
        ("  monday: 9-18\n  mon: 10-12", "bot.yaml:3: hours.mon: monday has hours of the same"),
        ("  mon-fri: 9-18\n  friday: 9-12", "bot.yaml:3: hours.friday: mon-fri has hours of the"),
        ("  monday: 9", "bot.yaml:2: hours.monday: expected times such as 9:00-18:00"),
        ("  monday:", "bot.yaml:2: hours.monday: expected times such as"),
        ("  monday: 9:00", "bot.yaml:2: hours.monday: write times such as 9:00-18:00, or closed."),
        ("  monday: 9-25", "bot.yaml:2: hours.monday: 25 is no time; the last one is 24:00."),
        ("  monday: [closed, 9-12]", "bot.yaml:2: hours.monday: write times such as"),
        ("  monday: []", "bot.yaml:2: hours.monday: write times such as"),
        ("  - monday", "bot.yaml:1: hours: "),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(written(tmp_path, text))


def test_a_day_may_have_several_spans(tmp_path: Path) -> None:
    for text in ("  monday: 9:00-13:00, 15:00-19:00", "  monday: [9-13, 15-19]"):
        hours = read(written(tmp_path, text)).of(HandoffSettings).opening_hours
        assert [is_open(hours, f"2026-11-23 {at}:00") for at in (10, 14, 16)] == [True, False, True]


def test_a_date_alone_leaves_the_other_days_open() -> None:
    hours = OpeningHours.read([{"Day or date": "2026-12-24", "Closed": True}])
    assert not is_open(hours, "2026-12-24 10:00")
    assert is_open(hours, "2026-12-23 10:00")


@pytest.mark.needs("airtable")
async def test_days_that_operators_set_take_the_place_of_those_of_the_file(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, hours={"monday-sunday": ("0:00-24:00",)})
    await town.start()
    assert (await town.say("human", JOHN))[0].startswith("A colleague will reply here.")
    write(airtable, "Hours", Day_or_date=f"{town.clock():%A}", Closed=True)
    await sync(town)
    assert (await town.say("human", ANA))[0].startswith("Nuestro equipo no está disponible")
    await town.stop()


async def test_an_edit_holds_at_once(tmp_path: Path) -> None:
    town = FollowingBot(tmp_path, OPERATORS_CHAT_URL="http://chat.test")

    async def is_open() -> bool:
        return await town.follower.running.bot.parts.feature(HandoffFeature).team.is_open(NOW)

    town.write("hours: {monday-sunday: closed}")
    await town.start()
    assert not await is_open()
    town.write("hours: {monday-sunday: 0:00-24:00}")
    await town.follower.look()
    assert await is_open()
    await town.close()
