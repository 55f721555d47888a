"""Without a model the bot promises no more than it can do, and says honestly what it is."""

import pytest
from tests.fakes.bot import JOHN, BotHarness

from features.assistant.feature import Assistant
from flow_engine import TalkToAssistant

BOT = "I'm a bot. "


@pytest.mark.needs("faq")
async def test_a_chat_promises_answers_to_common_questions(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    [hello] = await town.say("ask the assistant", JOHN)
    assert hello.startswith("I can answer common questions")
    [answer] = await town.say("what time do you close", JOHN)
    assert answer.startswith("Monday to Friday")
    [told] = await town.say("42?", JOHN)
    assert told.startswith("I did not understand")


async def test_where_nothing_answers_no_chat_is_offered(town: BotHarness) -> None:
    parts = town.bot.parts
    features, parts.features[:] = [*parts.features], []
    assert Assistant(parts).effects() == {}
    parts.features[:] = features
    has_answers = any(feature.name == "faq" for feature in features)
    assert parts.context.extensions.can_execute(TalkToAssistant()) is has_answers


@pytest.mark.parametrize(
    "words",
    [
        "are you a bot or a human?",
        "Hi, is this a bot?",
        "r u human",
        "¿Eres un bot?",
        "hola, ¿estoy hablando con una persona?",
        "você é um robô?",
        "oi, com quem estou falando?",
    ],
)
async def test_who_asks_whether_it_is_a_bot_gets_an_honest_answer(
    town: BotHarness, words: str
) -> None:
    [answer] = await town.say(words, JOHN)
    assert "bot" in answer
    assert len(answer) < 120


async def test_also_in_a_form_which_goes_on(town: BotHarness) -> None:
    await town.say("register", JOHN)
    answer, question = await town.say("are you a bot?", JOHN)
    assert answer.startswith(BOT)
    assert question == "What is your full name?"
