"""Messages of one thought wait for each other, and get one answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conversations.test_conversations import MENU
from tests.fakes.bot import ANA, JOHN, BotHarness

PAUSE = 1.2
NAME = {ANA: "¿Cuál es tu nombre completo?", JOHN: "What is your full name?"}
PHOTO = {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg"}}


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """A bot that waits for more, with a clock that stands still until a test moves it."""
    town = BotHarness(tmp_path, burst_pause_seconds=PAUSE)
    await town.start()
    yield town
    await town.stop()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, ["hi", "I want", "to register", "please"]),
        (ANA, ["hola", "quiero", "registrarme", "por favor"]),
        (ANA, ["hola", "me quiero", "registrar"]),
    ],
)
async def test_a_sentence_in_pieces_gets_one_answer(
    patient: BotHarness, who: str, said: list[str]
) -> None:
    heard = [reply for one in said for reply in await patient.say(one, who)]
    heard += await patient.wait(PAUSE, who)
    assert heard[0] == NAME[who]
    assert len([one for one in heard if one.endswith(NAME[who])]) == len(heard)


async def test_a_name_in_pieces_is_one_name(patient: BotHarness) -> None:
    await patient.say("registrarme")
    for said in ("Mary", "Ann", "Evans"):
        assert await patient.say(said) == []
        assert await patient.wait(PAUSE / 2) == []
    assert (await patient.wait(PAUSE))[0].startswith("¿Qué documento")
    assert (await patient.tap("CC"))[0] == "¿Cuál es el número de tu documento?"
    assert (await patient.say("123"))[0].startswith("¿Cuándo naciste")
    await patient.say("25/12/1990")
    await patient.say("Hago bots y cocino")
    await patient.say("los domingos")
    await patient.wait(PAUSE)
    await patient.tap("consent.yes")
    user = await patient.user()
    assert (user.full_name, user.about) == ("Mary Ann Evans", "Hago bots y cocino los domingos")


async def test_nobody_waits_for_a_command(patient: BotHarness) -> None:
    assert await patient.say("menú") == [MENU]
    assert await patient.tap("events") == ["¿Qué evento te interesa?"]
    assert await patient.say("taller") != []
    assert await patient.say("registrarme") == [NAME[ANA]]
    assert await patient.say("cancelar") == ["Cancelado. No cambió nada."]
    assert "ALTA" in (await patient.say("stop"))[0]


async def test_a_command_ends_the_pause_and_order_is_kept(patient: BotHarness) -> None:
    await patient.say("menú")
    assert await patient.say("zutano perengano") == []
    missed, asked = await patient.say("eventos")
    assert "No entendí" in missed
    assert asked == "¿Qué evento te interesa?"
    assert await patient.wait(PAUSE) == []


async def test_a_greeting_before_a_command_needs_no_menu(patient: BotHarness) -> None:
    await patient.say("hola")
    assert await patient.say("eventos") == ["¿Qué evento te interesa?"]
    assert await patient.wait(PAUSE) == []


async def test_stop_in_a_burst_is_obeyed_and_nothing_else_is_said(patient: BotHarness) -> None:
    await patient.say("zutano")
    assert len(await patient.say("stop")) == 1
    assert await patient.wait(PAUSE) == []


async def test_an_answer_before_a_tap_is_taken_first(patient: BotHarness) -> None:
    await patient.say("registrarme")
    assert await patient.say("Ana Gómez") == []
    document, number = await patient.tap_id("registration.id_type.CC")
    assert document.startswith("¿Qué documento")
    assert number == "¿Cuál es el número de tu documento?"


async def test_a_stream_of_messages_is_answered_after_a_while(patient: BotHarness) -> None:
    heard: list[str] = []
    for number in range(12):
        heard += await patient.say(f"zutano {number}")
        heard += await patient.wait(PAUSE * 0.7)
    assert len(heard) == 1
    assert len(await patient.wait(PAUSE)) == 1


@pytest.mark.parametrize("count", [1, 30])
async def test_an_album_is_one_gesture(patient: BotHarness, count: int) -> None:
    for _ in range(count):
        patient.account.say(patient.person(ANA), PHOTO)
    assert await patient.wait(0) == []
    [explanation] = await patient.wait(PAUSE)
    assert "imágenes" in explanation
    assert await patient.say("registrarme") == [NAME[ANA]]


async def test_a_menu_is_shown_once_in_a_burst(patient: BotHarness) -> None:
    for _ in range(3):
        await patient.say("hola")
    assert await patient.wait(PAUSE) == [MENU]


async def test_what_waits_survives_a_crash(patient: BotHarness) -> None:
    await patient.say("hola")
    await patient.restart()
    assert await patient.say("buenas") == []
    await patient.restart()
    assert await patient.wait(PAUSE) == [MENU]


async def test_two_people_do_not_wait_for_each_other(patient: BotHarness) -> None:
    await patient.say("zutano")
    assert await patient.say("menu", JOHN) != []
    assert await patient.wait(PAUSE) == [MENU]


async def test_without_a_pause_everything_is_answered_at_once(town: BotHarness) -> None:
    assert await town.say("hola") == [MENU]


@pytest.mark.parametrize(
    ("first", "again", "answers"),
    [("menú", "menu", 1), ("menu", "main menu please", 1), ("registrarme", "registrar", 1)],
)
async def test_a_command_that_is_repeated_in_a_breath_is_obeyed_once(
    patient: BotHarness, first: str, again: str, answers: int
) -> None:
    assert len(await patient.say(first)) == answers
    assert await patient.say(again) == []
    assert await patient.wait(PAUSE * 2) == []
    assert await patient.say(first) != []


async def test_another_command_in_a_breath_is_obeyed_too(patient: BotHarness) -> None:
    await patient.say("menú")
    assert await patient.say("eventos") == ["¿Qué evento te interesa?"]


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("menú", ["Todavía no puedo ver imágenes. ¿Me lo escribes?", MENU]),
        (
            "eventos",
            ["Todavía no puedo ver imágenes. ¿Me lo escribes?", "¿Qué evento te interesa?"],
        ),
    ],
)
async def test_what_is_asked_again_right_after_is_asked_once(
    patient: BotHarness, said: str, answers: list[str]
) -> None:
    await patient.send(PHOTO)
    assert await patient.say(said) == answers


async def test_a_form_asks_its_question_once_after_two_messages(patient: BotHarness) -> None:
    await patient.say("registrarme")
    await patient.send(PHOTO)
    said = await patient.say("atrás")
    assert said == ["Todavía no puedo ver imágenes. ¿Me lo escribes?", NAME[ANA]]
