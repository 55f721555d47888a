"""Edited messages and taps on older lists correct the answers of a form."""

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness

from schemas.reading import read_inbound


async def edit(town: BotHarness, original: str, text: str, who: str = ANA) -> list[str]:
    """Somebody edits the last message of theirs that has this text."""
    ids = [
        entry["id"]
        for entry in town.person(who).entries
        if entry["from"] != "bot" and entry["type"] == "text" and entry["text"]["body"] == original
    ]
    new = {"type": "text", "text": {"body": text}}
    content = {"original_message_id": ids[-1], "message": new}
    return await town.send({"type": "edit", "edit": content}, who)


async def test_an_edit_of_an_earlier_answer_corrects_it(town: BotHarness) -> None:
    for said in ("registrarme", "Jon Smiht", "cc"):
        [question] = await town.say(said)
    assert await edit(town, "Jon Smiht", "John Smith") == [f"Corregido.\n\n{question}"]
    for said in ("123", "25/12/1990", "Hago bots y cocino los domingos", "sí"):
        await town.say(said)
    assert (await town.user()).full_name == "John Smith"


async def test_in_english_too(town: BotHarness) -> None:
    for said in ("register", "Jon Smiht"):
        [question] = await town.say(said, JOHN)
    assert await edit(town, "Jon Smiht", "John Smith", JOHN) == [f"Corrected.\n\n{question}"]


async def test_an_edit_that_is_no_answer_is_refused_like_any_other(town: BotHarness) -> None:
    for said in ("registrarme", "Ana Gómez", "cc"):
        [question] = await town.say(said)
    [refused] = await edit(town, "Ana Gómez", "7")
    assert "nombre y apellido" in refused
    assert await town.say("Ana Pérez") == [question]


async def test_an_edit_of_a_refused_answer_is_the_answer(town: BotHarness) -> None:
    for said in ("registrarme", "Ana"):
        await town.say(said)
    assert (await edit(town, "Ana", "Ana Gómez"))[0].startswith("¿Qué documento")
    await town.say("carnet")
    assert await edit(town, "carnet", "cancelar") == ["Cancelado. No cambió nada."]


async def test_an_edit_to_stop_is_obeyed(town: BotHarness) -> None:
    await town.say("stpo")
    await edit(town, "stpo", "STOP")
    assert (await town.user()).opted_out_at is not None


async def test_an_edit_of_what_was_not_understood_is_heard(town: BotHarness) -> None:
    await town.say("zutano")
    assert await edit(town, "zutano", "registrarme") == ["¿Cuál es tu nombre completo?"]


async def test_an_edit_of_anything_else_needs_no_reply(town: BotHarness) -> None:
    await town.say("hola")
    assert await edit(town, "hola", "hola!!") == []


async def test_an_edit_after_the_form_offers_to_correct_the_data(town: BotHarness) -> None:
    await register(town)
    [offer] = await edit(town, "1.020.300", "1.020.301")
    assert "Corregimos" in offer
    assert await town.tap("exit.edit_profile") == ["¿Qué te gustaría cambiar?"]


async def test_an_edit_after_a_form_was_left_is_told_kindly(town: BotHarness) -> None:
    for said in ("registrarme", "Ana Gómez", "cancelar"):
        await town.say(said)
    [told] = await edit(town, "Ana Gómez", "Ana Pérez")
    assert "menú" in told


async def test_a_tap_on_an_older_list_corrects_its_answer(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    await town.tap("CC")
    assert await town.tap_id("registration.id_type.CE") == [
        "Corregido.\n\n¿Cuál es el número de tu documento?"
    ]
    await town.wait(30)
    assert await town.tap_id("registration.id_type.CE") == ["¿Cuál es el número de tu documento?"]
    assert "Terminemos" in (await town.tap_id("registration.consent.yes"))[0]
    for said in ("123", "25/12/1990", "Hago bots y cocino los domingos", "sí"):
        await town.say(said)
    assert (await town.user()).id_type == "CE"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"original_message_id": 7, "message": "x"},
        {"original_message_id": "a", "message": {"type": "edit", "edit": {"message": {}}}},
        {"original_message_id": "a", "message": {"type": "image", "image": {"caption": 7}}},
    ],
)
def test_odd_edits_are_read_as_nothing(content: object) -> None:
    message = {"from": ANA, "id": "m", "type": "edit", "edit": content}
    read = read_inbound({"phone_number_id": "1", "contact": None, "message": message})
    assert (read.kind, read.text) == ("edit", None)


def test_the_caption_of_an_edited_picture_is_its_text() -> None:
    new = {"type": "image", "image": {"caption": "a cat"}}
    content = {"original_message_id": "w", "message": new}
    message = {"from": ANA, "id": "m", "type": "edit", "edit": content}
    read = read_inbound({"phone_number_id": "1", "contact": None, "message": message})
    assert (read.edits, read.text) == ("w", "a cat")
