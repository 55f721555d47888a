"""Questions in mid-form are answered, and the form goes on."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

from flow_engine import Question
from services.conversations.question_layout import lay_out
from texts.prompt import Choice, Prompt

REGISTRATION = {
    ANA: ("registrarme", "Ana Gómez", "cc", "123", "25/12/1990"),
    JOHN: ("register", "Ana Gómez", "cc", "123", "25/12/1990"),
}


@pytest.mark.parametrize(
    ("who", "answered", "asks", "told"),
    [
        (ANA, 3, "¿para qué necesitan mi pasaporte?", "registrarte con tu propio nombre"),
        (ANA, 5, "¿Para qué necesitan mi pasaporte?", "registrarte con tu propio nombre"),
        (ANA, 1, "cuáles son los horarios?", "lunes a viernes"),
        (JOHN, 3, "Why do you need my passport?", "To register you"),
        (JOHN, 5, "Why do you need my passport?", "To register you"),
        (JOHN, 1, "what is your address?", "Community house"),
    ],
)
async def test_a_question_is_answered_and_the_step_is_asked_again(
    town: BotHarness, who: str, answered: int, asks: str, told: str
) -> None:
    question = ""
    for answer in REGISTRATION[who][:answered]:
        [question] = await town.say(answer, who)
    [reply] = await town.say(asks, who)
    answer, _, again = reply.rpartition("\n\n")
    assert told in answer
    assert question.endswith(again)


async def test_what_only_mentions_something_known_is_an_answer(town: BotHarness) -> None:
    for answer in REGISTRATION[ANA]:
        await town.say(answer)
    [question] = await town.say("Trabajo en horarios de oficina y pago con tarjeta")
    assert "autorizas" in question


async def test_an_answer_that_is_too_long_comes_before_the_question() -> None:
    prompt = Prompt("Which?", (Choice("a", "A"),), None, "See")
    question = Question("f.step", ("a",))
    assert len(lay_out(question, prompt, above="x" * 900, hint="", exits=())) == 1
    assert len(lay_out(question, prompt, above="x" * 1100, hint="", exits=())) == 2
