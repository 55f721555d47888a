"""Conversations of people who do not read, and write in their own words."""

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"


async def test_a_form_goes_back_one_question(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    [question] = await town.say("atrás")
    assert question == "¿Cuál es tu nombre completo?"
    assert await town.say("volver") == [question]  # the first one has none before it
    await town.say("me llamo Ana María Gómez")
    await town.say("tengo la cédula")
    await town.say("C.C. 1.020.300")
    await town.say("5 de marzo de 1990")
    [review] = await town.say("Me gustan los talleres y la música")
    assert "Ana María Gómez" in review
    assert "1020300" in review
    done, *_ = await town.say("claro que sí 👍")
    assert "Tu registro está listo" in done


async def test_a_form_starts_again(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    assert await town.say("empezar de nuevo") == ["¿Cuál es tu nombre completo?"]


@pytest.mark.parametrize("words", ["please cancel", "olvídalo", "CANCEL IT!!"])
async def test_a_form_is_left_in_any_words(town: BotHarness, words: str) -> None:
    await town.say("registrarme")
    cancelled, *_ = await town.say(words)
    assert cancelled == "Cancelado. No cambió nada."


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("gracias", "¡Con gusto!"),
        ("ok", "👍"),
        ("adiós", "¡Hasta pronto! Escríbeme cuando quieras."),
        ("jajaja", "😄"),
    ],
)
async def test_small_talk_gets_a_word_and_no_menu(
    town: BotHarness, words: str, answer: str
) -> None:
    await register(town)
    assert await town.say(words) == [answer]


async def test_thanks_in_english(town: BotHarness) -> None:
    assert await town.say("thank you so much!", JOHN) == ["You're welcome!"]


@pytest.mark.parametrize("words", ["hola", "buenos días", "Español por favor"])
async def test_somebody_from_elsewhere_is_answered_in_their_language(
    town: BotHarness, words: str
) -> None:
    [menu] = await town.say(words, JOHN)
    assert menu.startswith(("¡Hola!", "Sigamos en español."))
    assert (await town.user(JOHN)).language == "es"


async def test_a_chosen_language_stays(town: BotHarness) -> None:
    await town.say("English please", JOHN)
    [menu] = await town.say("hola", JOHN)
    assert menu.startswith("Hello")


async def test_a_greeting_does_not_swallow_what_comes_behind_it(town: BotHarness) -> None:
    [question] = await town.say("Hi, I want to register please", JOHN)
    assert question == "What is your full name?"


@pytest.mark.parametrize(
    ("who", "said", "answer"),
    [
        (ANA, "hola, tengo una pregunta", "Claro, ¿qué quieres saber?"),
        (ANA, "una consulta", "Claro, ¿qué quieres saber?"),
        (JOHN, "hi, I have a question", "Sure, what would you like to know?"),
        (JOHN, "can I ask you something?", "Sure, what would you like to know?"),
        (BRAZIL, "oi, tenho uma dúvida", "Claro, o que você quer saber?"),
    ],
)
async def test_who_announces_a_question_is_asked_for_it(
    town: BotHarness, who: str, said: str, answer: str
) -> None:
    assert await town.say(said, who) == [answer]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "Hello! Can I get more info on this?"),
        (JOHN, "Can you give me more details about this?"),
        (ANA, "¡Hola! ¿Me das más información sobre esto?"),
        (ANA, "Hola, quiero más información"),
        (ANA, "Hola, estoy interesado en esto"),
        (BRAZIL, "Olá! Posso obter mais informações sobre isso?"),
        (BRAZIL, "Olá, tenho interesse"),
    ],
)
async def test_what_ads_have_people_say_is_a_greeting(
    town: BotHarness, who: str, said: str
) -> None:
    await town.say(said, who)
    assert town.choices(who)[-1]["id"].startswith("main_menu.")
    assert len(town.entries(who)) <= 2  # and the read mark


async def test_the_words_that_start_a_form_answer_it_in_their_own_language_only(
    town: BotHarness,
) -> None:
    await register(town, JOHN)
    await town.say("english", JOHN)
    [question] = await town.say("edit my data", JOHN)
    assert question == "What would you like to change?"
    await town.say("cancel", JOHN)
    assert await town.say("edit my birth date", JOHN) != [question]
