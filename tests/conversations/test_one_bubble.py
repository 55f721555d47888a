"""What was not understood, or cannot be read, is said in one message with what is possible."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"
PHOTO = {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg"}}


@pytest.fixture
async def first(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """A bot whose first words are told whole."""
    town = BotHarness(tmp_path, shows_first_contact=True)
    await town.start()
    yield town
    await town.stop()


@pytest.mark.parametrize(
    ("who", "said"),
    [(JOHN, "i saw your ad"), (ANA, "vi su anuncio"), (BRAZIL, "vi vocês no instagram")],
)
async def test_whatever_opens_a_conversation_is_greeted(
    first: BotHarness, who: str, said: str
) -> None:
    [menu] = await first.say(said, who)
    assert menu.startswith(("Hello", "¡Hola", "Olá"))
    [missed] = await first.say("zutano perengano", who)
    assert missed.startswith(("I did not", "No entendí", "Não entendi"))


async def test_a_question_that_opens_a_conversation_and_has_no_answer_is_missed(
    first: BotHarness,
) -> None:
    [missed] = await first.say("do you sell zebras?", JOHN)
    assert missed.startswith("I don't know the answer to that")


async def test_a_photo_gets_one_message(town: BotHarness) -> None:
    [said] = await town.send(PHOTO, JOHN)
    assert said == "I can't see pictures yet. Please tell me in words."
    assert next(one["title"] for one in town.choices(JOHN)) == "Register"
    await town.say("register", JOHN)
    [said] = await town.send(PHOTO, JOHN)
    assert said.endswith("in words.\n\nWhat is your full name?")


@pytest.mark.parametrize("said", ["START", "alta", "quiero volver a recibir mensajes", "ativar"])
async def test_start_from_people_who_get_messages_shows_the_menu(
    town: BotHarness, said: str
) -> None:
    await town.say("hola")
    [menu] = await town.say(said)
    assert menu.startswith(("¡Hola", "Hello", "Olá"))


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "what can u do"),
        (JOHN, "what do you do?"),
        (ANA, "qué haces?"),
        (ANA, "cómo funciona esto"),
        (BRAZIL, "como funciona"),
    ],
)
async def test_what_the_bot_can_do_is_shown(town: BotHarness, who: str, said: str) -> None:
    await town.say("ok", who)
    [menu] = await town.say(said, who)
    assert menu.startswith(("I answer questions", "Respondo preguntas", "Respondo perguntas"))
    assert town.choices(who)


async def test_a_language_is_named_in_a_form(town: BotHarness) -> None:
    await town.say("registrarme")
    expected = ["Let's continue in English.\n\nWhat is your full name?"]
    assert await town.say("english please") == expected
    [question] = await town.say("en español")
    assert question.endswith("¿Cuál es tu nombre completo?")


async def test_an_answer_counts_where_going_on_is_offered(tmp_path: Path) -> None:
    town = BotHarness(tmp_path, reminder_seconds=3600, flow_timeout_seconds=86400)
    await town.start()
    for text in ("register", "Grace Hopper"):
        await town.say(text, JOHN)
    await town.wait(3601, JOHN)
    [offer] = await town.say("hi", JOHN)
    assert "Shall we go on?" in offer
    assert await town.say("passport", JOHN) == ["What is its number?"]
    await town.stop()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (ANA, "ya no quiero que me escriban más"),
        (ANA, "no quiero que me manden mensajes"),
        (JOHN, "stop it already"),
        (BRAZIL, "não quero que vocês me mandem mensagens"),
    ],
)
async def test_unclear_opt_outs_are_asked_about(town: BotHarness, who: str, said: str) -> None:
    await town.say("ok", who)
    await town.say(said, who)
    await town.tap("stop_messages.stop", who)
    assert (await town.user(who)).opted_out_at is not None
