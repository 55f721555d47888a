"""What is unclear is asked about once: opt-out, coming back, dates that may be read in two ways."""

import pytest
from tests.fakes.bot import JOHN, BotHarness


async def opted_out(town: BotHarness) -> bool:
    return (await town.user()).opted_out_at is not None


@pytest.mark.parametrize("words", ["paren ya", "stop it", "stpo"])
async def test_what_may_mean_opt_out_is_asked_about(town: BotHarness, words: str) -> None:
    await town.say("hola")
    [question] = await town.say(words)
    assert question == "¿Quieres dejar de recibir nuestros mensajes?"
    assert not await opted_out(town)
    await town.tap("stop_messages.stop")
    assert await opted_out(town)


@pytest.mark.parametrize("words", ["sí", "dejar de recibir", "stop it", "STOP"])
async def test_the_question_may_be_answered_in_words(town: BotHarness, words: str) -> None:
    await town.say("quiero que paren")
    await town.say(words)
    assert await opted_out(town)


async def test_who_goes_on_is_asked_the_question_of_the_form_again(town: BotHarness) -> None:
    question = await town.say("registrarme")
    await town.say("quiero parar")
    assert await town.tap("stop_messages.go_on") == ["Listo, todo sigue igual.", *question]
    assert not await opted_out(town)


async def test_another_message_leaves_the_question_open(town: BotHarness) -> None:
    await town.say("stop it")
    await town.say("hola")
    await town.say("sí")
    assert not await opted_out(town)


@pytest.mark.parametrize("words", ["registrarme", "regístrame", "quiero registrarme"])
async def test_who_asks_for_a_form_does_not_opt_out(town: BotHarness, words: str) -> None:
    """One letter of “registrarme” was read as “regístrame”, which is a yes elsewhere."""
    await town.say("cancelar")
    assert await town.say(words) == ["¿Cuál es tu nombre completo?"]
    assert not await opted_out(town)


async def test_coming_back_is_asked_about(town: BotHarness) -> None:
    await town.say("STOP")
    assert await town.say("quiero volver") == ["¿Quieres volver a recibir nuestros mensajes?"]
    await town.tap("start_messages.stay_away")
    assert await opted_out(town)
    await town.say("quiero volver")
    welcome, *_ = await town.say("sí")
    assert welcome == "¡Qué bueno tenerte de vuelta!"
    assert not await opted_out(town)


async def test_a_date_that_may_be_read_in_two_ways(town: BotHarness) -> None:
    for words in ("register", "Grace Hopper", "passport", "AB1020300"):
        await town.say(words, JOHN)
    assert await town.say("04/05/1990", JOHN) == ["Which date do you mean?"]
    titles = [choice["title"] for choice in town.choices(JOHN)[-2:]]
    assert titles == ["4 May 1990", "5 April 1990"]
    await town.tap("birth_date.1990-04-05", JOHN)
    [review] = await town.say("I like workshops and music a lot", JOHN)
    assert "5 April 1990" in review
