"""Answers that operators write outside of Airtable appear in it, and are its own from then on."""

from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness
from tests.fakes.operators import record_of, sync

from emulator.airtable.testing import AirtableDouble
from features.faq.feature import Faq
from services.open_questions import WrittenAnswer

pytestmark = pytest.mark.needs("airtable")

ASKED = "¿venden helados?"
WRITTEN = WrittenAnswer(ASKED, "Sí, en la entrada.", "es", ("hay helados",), "Eva")


async def test_an_answer_goes_to_airtable_with_its_question(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    faq = town.bot.parts.feature(Faq)
    await town.say(ASKED)
    await sync(town)
    await sync(town)
    assert len(airtable.rows("Unanswered")) == 1
    [asked] = await faq.open_questions()
    await faq.settle_questions(asked.ids, WRITTEN)
    assert WRITTEN.answer in str(await town.say(ASKED)), "before any sync"
    await sync(town)
    assert airtable.rows("Unanswered") == []
    [row] = airtable.rows("FAQ")
    assert (row["Question"], row["Answer"], row["Active"]) == (ASKED, WRITTEN.answer, True)
    assert [one.is_elsewhere for one in await faq.written_answers()] == [True]
    airtable.edit("FAQ", record_of(airtable, "FAQ"), Answer="Ya no.")
    await sync(town)
    assert await faq.written_answers() == []
    assert "Ya no." in str(await town.say("venden helados"))
    await town.stop()
