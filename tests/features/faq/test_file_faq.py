"""Questions of the config file are answered, and wrong ones are told with their line."""

from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.following_bot import FollowingBot
from tests.fakes.operators import sync, write
from tests.fakes.written_settings import COMPLETE, problems, read

from app.cli.config_schema import config_schema
from app.composition.features import settings_models
from config.env import Settings
from emulator.airtable.testing import AirtableDouble
from features.faq.feature import Faq
from features.faq.settings import FaqSettings
from services.agent import AgentReply, AgentRequest

PARROTS = {"question": "Do you have parrots?", "also": "are there any parrots", "answer": "Two."}
CHECKS = {"reply": {"type": "ai", "prompt": "Answer {{ webhook.event.text }}"}}


class Model:
    async def reply(self, asked: AgentRequest) -> AgentReply:
        return AgentReply("The model says so.")


async def bot(folder: Path, entries: list[dict[str, Any]], **settings: Any) -> BotHarness:
    found = BotHarness(folder, faq={"entries": entries, **settings.pop("more", {})}, **settings)
    await found.start()
    await found.say("hello", JOHN)
    return found


async def test_a_question_of_the_file_is_answered_beside_those_that_come_with_the_bot(
    tmp_path: Path,
) -> None:
    town = await bot(tmp_path, [PARROTS])
    assert await town.say("do you have any parrots", JOHN) == ["Two."]
    assert "Monday to Friday" in str(await town.say("when are you open?", JOHN))
    await town.stop()


async def test_one_with_the_same_question_takes_the_place_of_that_of_the_bot(
    tmp_path: Path,
) -> None:
    town = await bot(tmp_path, [{"question": "When are you open?", "answer": "Always."}])
    assert await town.say("when are you open?", JOHN) == ["Always."]
    await town.stop()


async def test_those_of_the_bot_can_be_left_out(tmp_path: Path) -> None:
    town = await bot(tmp_path, [PARROTS], more={"shipped": False})
    assert "Monday to Friday" not in str(await town.say("when are you open?", JOHN))
    assert await town.say("do you have any parrots", JOHN) == ["Two."]
    assert len((await town.bot.parts.feature(Faq).index()).entries) == 1
    await town.stop()


@pytest.mark.needs("airtable")
async def test_what_operators_write_about_the_same_question_comes_first(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = await bot(tmp_path, [PARROTS], airtable=airtable)
    write(airtable, "FAQ", Question=PARROTS["question"], Answer="Three.", Active=True)
    await sync(town)
    assert await town.say("do you have any parrots", JOHN) == ["Three."]
    await town.stop()


@pytest.mark.needs("checks")
async def test_where_checks_answer_a_question_in_its_own_words_is_answered_from_the_file(
    tmp_path: Path,
) -> None:
    town = await bot(tmp_path, [PARROTS], agent=Model(), checks=CHECKS)
    assert await town.say("Are there any parrots?", ANA) == ["Two."]
    assert await town.say("tell me of the parrots that you have", ANA) == ["The model says so."]
    assert await town.say("When are you open?", ANA) == ["The model says so."]
    await town.stop()


async def test_an_edit_holds_at_once(tmp_path: Path) -> None:
    town = FollowingBot(tmp_path)
    town.write("faq:\n  - {question: Do you have parrots, answer: Two.}\n")
    await town.start()
    town.write("faq:\n  - {question: Do you have parrots, answer: Three.}\n")
    await town.follower.look()
    faq = town.follower.running.bot.parts.feature(Faq)
    found = (await faq.index()).find("do you have parrots", "en")
    assert found.answer is not None
    assert found.answer.answer == "Three."
    await town.close()


def written(folder: Path, text: str) -> dict[str, str]:
    (folder / "bot.yaml").write_text(f"faq:\n{text}\n")
    return {**COMPLETE, "BOT_CONFIG": str(folder / "bot.yaml")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  - question: Parrots?", "bot.yaml:2: faq.0.answer: this is needed."),
        ("  - {question: Parrots, answer: ' '}", "bot.yaml:2: faq.0.answer: the answer is blank."),
        ("  - {question: '', answer: x}", "bot.yaml:2: faq.0.question: the question is blank."),
        ("  - {question: 5, answer: x}", "bot.yaml:2: faq.0.question: "),
        ("  - question: Parrots?\n    anwser: x", "bot.yaml:3: faq.0.anwser: unknown key: did you"),
        (
            "  - question: P?\n    answer: x\n    language: xx",
            "bot.yaml:4: faq.0.language: expect",
        ),
        ("  entries:\n  - {question: P, answer: ''}", "bot.yaml:3: faq.entries.0.answer: the ans"),
        ("  shiped: false", "bot.yaml:2: faq.shiped: unknown key: did you mean shipped?"),
        ("  shipped: 3", "bot.yaml:2: faq.shipped: "),
        (
            "  - {question: Parrots, answer: x}\n  - {question: Birds, also: parrots!, answer: y}",
            "bot.yaml:3: faq.1.question: entry 1 answers 'parrots' already: keep one.",
        ),
        (
            "  - {question: Bar, answer: x}\n  - {question: Bar, answer: y, language: es}",
            "bot.yaml:3: faq.1.question: entry 1 has the same question: change a word",
        ),
        (f"  - {{question: P, answer: {'x' * 5000}}}", "it has 5000 characters; WhatsApp takes"),
        (f"  - {{question: P, answer: x, title: {'x' * 25}}}", "faq.0.title: it has more than"),
        ("  parrots", "bot.yaml:1: faq: "),
        ("  - {question: P?, answer: x}", "bot.yaml:2: expected ',' or '}', but got '?': put a"),
    ],
)
def test_an_entry_that_says_nothing_is_told_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in problems(written(tmp_path, text))


def test_a_list_alone_is_read_and_so_is_a_section(tmp_path: Path) -> None:
    entry = "- {question: Parrots, also: [birds], answer: Two., language: en, exact: true}"
    for text in (f"  {entry}", f"  shipped: true\n  entries:\n  {entry}"):
        [found] = read(written(tmp_path, text)).of(FaqSettings).entries
        assert (found.question, found.also, found.answer) == ("Parrots", ("birds",), "Two.")
        assert (found.language, found.is_exact) == ("en", True)


def test_a_question_may_be_asked_in_two_languages(tmp_path: Path) -> None:
    text = "  - {question: Wifi, answer: Yes., language: en}\n"
    text += "  - {question: El wifi, also: 'Wifi?', answer: Sí., language: es}"
    assert len(read(written(tmp_path, text)).of(FaqSettings).entries) == 2


def test_editors_know_both_forms() -> None:
    faq = str(config_schema((Settings, *settings_models())))
    assert "WrittenQuestion" in faq
    assert "shipped" in faq
