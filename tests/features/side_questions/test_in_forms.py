"""Questions in the middle of a form: what is answered, and what is left to the form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import JOHN, BotHarness

NAME = "What is your full name?"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotHarness]:
    bot = BotHarness(tmp_path)
    await bot.start()
    await bot.say("hello", JOHN)
    await bot.say("register", JOHN)
    yield bot
    await bot.stop()


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("whats this then? who are you", "We are a community"),
        ("whats this then? who are you", "I'm the bot of the community"),
        ("y u need that", "So that we know who is coming"),
        ("is this a scam", "Only our team sees it"),
        ("will this be quick, im at work", "6 questions are left"),
        ("any charges involved sir", "Membership is free"),
        ("am i obliged to answer", "I can't leave this one out"),
        ("will it save if i leave now", "is kept until tomorrow"),
        ("wat day is d workshop", "The workshop is on Saturday"),
    ],
)
async def test_a_question_is_answered_and_the_form_asks_again(
    bot: BotHarness, asked: str, answer: str
) -> None:
    [reply] = await bot.say(asked, JOHN)
    assert answer in str(reply)
    assert NAME in str(reply)
    assert "Which identity document" in str((await bot.say("Ana Ruiz", JOHN))[-1])


async def test_why_is_that_of_the_question_that_is_named(bot: BotHarness) -> None:
    [reply] = await bot.say("why would a workshop need my passport", JOHN)
    assert "under your own name" in str(reply)
    assert NAME in str(reply)


async def test_a_form_has_answers_of_its_own(bot: BotHarness) -> None:
    texts = bot.bot.parts.context.texts
    table = dict(texts.of("en"))
    table["registration"] = {**table["registration"], "answers": {"cost": "It's free for you."}}
    texts._by_language = {"en": table}
    [reply] = await bot.say("any charges involved sir", JOHN)
    assert "It's free for you." in str(reply)


async def test_another_language_is_spoken_from_then_on(bot: BotHarness) -> None:
    [reply] = await bot.say("can u talk spanish? my moms gonna use it", JOHN)
    assert "¿Cuál es tu nombre completo?" in str(reply)


async def test_a_language_that_is_denied_is_not_chosen(bot: BotHarness) -> None:
    [reply] = await bot.say("i dont speak english well, other languages?", JOHN)
    assert "Español" in str(reply)


async def test_an_option_is_not_chosen_by_a_question_about_it(bot: BotHarness) -> None:
    await bot.say("Ana Ruiz", JOHN)
    [reply] = await bot.say("why you are asking only passport", JOHN)
    assert "Which identity document" in str(reply)
    assert "under your own name" in str(reply)


@pytest.mark.parametrize(
    "about",
    [
        "Retired cop, I hunted scammers for a living",
        "I sell insurance and people ask me all day how much it costs",
    ],
)
async def test_a_text_about_oneself_is_no_question(bot: BotHarness, about: str) -> None:
    for answer in ("Ana Ruiz", "passport", "AB123456", "25/12/1990"):
        await bot.say(answer, JOHN)
    assert "May we store them" in str((await bot.say(about, JOHN))[-1])


@pytest.mark.parametrize("name", ["Paga Sebastião", "Faith Howe", "Grant Safely"])
async def test_a_name_is_no_question(bot: BotHarness, name: str) -> None:
    assert "Which identity document" in str((await bot.say(name, JOHN))[-1])


async def test_an_answer_beside_a_question_is_taken(bot: BotHarness) -> None:
    reply = str(await bot.say("Ana Ruiz, is it free?", JOHN))
    assert "Membership is free" in reply
    assert "Which identity document" in reply


async def test_an_option_beside_a_question_is_taken(bot: BotHarness) -> None:
    await bot.say("Ana Ruiz", JOHN)
    reply = str(await bot.say("passport, but what do you need it for", JOHN))
    assert "under your own name" in reply
    assert "What is its number?" in reply


async def test_two_questions_of_one_sentence_are_answered(bot: BotHarness) -> None:
    [reply] = await bot.say("how much is it and who will see my data", JOHN)
    assert "Membership is free" in str(reply)
    assert "Only our team sees it" in str(reply)


async def test_who_has_no_such_document_is_told_what_is_accepted(bot: BotHarness) -> None:
    await bot.say("Ana Ruiz", JOHN)
    [reply] = await bot.say("what if i got no passport", JOHN)
    assert "We accept three documents" in str(reply)
