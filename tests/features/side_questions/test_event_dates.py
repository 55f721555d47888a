"""People who ask when something takes place get the next date, in their language."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"
#: A Friday; the last Saturday of the month is the next day.
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
WORKSHOP = "Saturday 28 November, 14:00-18:00, at the Community house in Bogotá."
OPEN_DAY = "Saturday 5 December, 10:00-14:00, at the Community house in Bogotá."


@pytest.fixture
async def friday(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, timezone="America/Bogota")
    town.clock.now = FRIDAY.timestamp()
    await town.start()
    for who in (JOHN, ANA, BRAZIL):
        await town.say("ok", who)
    yield town
    await town.stop()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("when is the next workshop", f"The workshop is on {WORKSHOP}"),
        ("when is it?", f"The workshop is on {WORKSHOP}\nThe open day is on {OPEN_DAY}"),
        ("when is the open day", f"The open day is on {OPEN_DAY}"),
        ("is it this saturday?", f"Yes. The workshop is on {WORKSHOP}"),
        ("is the open day tomorrow?", f"No. The open day is on {OPEN_DAY}"),
        ("still time for this month?", f"Yes. The workshop is on {WORKSHOP}"),
        ("did i miss this months workshop?", f"No. The workshop is on {WORKSHOP}"),
        ("is there a workshop next week?", f"No. The workshop is on {WORKSHOP}"),
        ("anything next week?", None),
        ("are you open this saturday?", None),
        ("when is the christmas party?", None),
    ],
)
async def test_the_next_date_is_told(friday: BotHarness, said: str, told: str | None) -> None:
    [reply] = await friday.say(said, JOHN)
    assert told == reply if told else "Saturday 28" not in reply


@pytest.mark.parametrize(
    ("who", "said", "told"),
    [
        (
            ANA,
            "q dia es el proximo taller",
            "El taller es el sábado 28 de noviembre, 14:00-18:00, en",
        ),
        (ANA, "es este sabado?", "Sí. El taller es el sábado 28 de noviembre"),
        (ANA, "hay taller en diciembre?", "Sí. El taller es el sábado 26 de diciembre"),
        (BRAZIL, "quando e o proximo?", "A oficina é no sábado 28 de novembro, 14:00-18:00, na"),
        (BRAZIL, "ainda da tempo esse mes?", "Sim. A oficina é no sábado 28 de novembro"),
        (
            BRAZIL,
            "as portas abertas são amanhã?",
            "Não. As portas abertas são no sábado 5 de dezembro",
        ),
    ],
)
async def test_in_the_language_of_the_person(
    friday: BotHarness, who: str, said: str, told: str
) -> None:
    [reply] = await friday.say(said, who)
    assert reply.startswith(told)


async def test_the_day_is_that_of_the_time_zone(friday: BotHarness) -> None:
    friday.clock.now = datetime(2026, 11, 28, 22, 0, tzinfo=UTC).timestamp()  # 17:00 in Bogotá
    [reply] = await friday.say("when is the workshop?", JOHN)
    assert reply.startswith("The workshop is on Saturday 28 November")
    friday.clock.now = datetime(2026, 11, 29, 2, 0, tzinfo=UTC).timestamp()  # still Saturday there
    [reply] = await friday.say("is there a workshop today?", JOHN)
    assert reply.startswith("No. The workshop is on Saturday 26 December")


async def test_in_a_form_it_is_told_and_the_question_is_asked_again(friday: BotHarness) -> None:
    [question] = await friday.say("register", JOHN)
    [reply] = await friday.say("when is the workshop?", JOHN)
    assert reply == f"The workshop is on {WORKSHOP}\n\n{question}"


async def test_what_is_described_has_its_date(friday: BotHarness) -> None:
    *_, told = await friday.say("workshop", JOHN)
    assert "on Saturday 28 November, 14:00-18:00" in told


@pytest.mark.needs("faq")
async def test_a_suggestion_that_is_tapped_is_answered_with_the_date(friday: BotHarness) -> None:
    entry = import_module("features.faq.entry").FaqEntry("When are the events?", "")
    [reply] = await friday.tap_id(f"faq.{entry.id}", JOHN)
    assert reply.startswith(f"The workshop is on {WORKSHOP}")


@pytest.mark.needs("faq")
async def test_the_words_of_the_team_come_first(tmp_path: Path) -> None:
    entry = {"question": "When is the workshop?", "answer": "It has moved: Sunday the 29th."}
    town = BotHarness(tmp_path, faq={"entries": [entry]})
    await town.start()
    assert await town.say("when is the workshop?", JOHN) == [entry["answer"]]
    await town.stop()
