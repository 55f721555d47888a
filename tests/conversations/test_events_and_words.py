"""What people say around the events, and what the bot tells them of themselves."""

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("quiero ir al taller", "*Taller:*"),
        ("puertas abiertas", "*Puertas abiertas:*"),
        ("¿puedo ir al taller?", "*Taller:*"),
    ],
)
async def test_an_event_is_told_about_by_its_name(town: BotHarness, words: str, told: str) -> None:
    await town.say("hola")
    [*_, about] = await town.say(words)
    assert about.startswith(told)
    assert "sábado" in about


async def test_a_wish_for_no_event_tells_of_none(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    assert not [
        one for one in await town.say("I don't want to go to the workshop", JOHN) if "*" in one
    ]


async def test_several_options_are_chosen_one_at_a_time(town: BotHarness) -> None:
    await town.say("events", JOHN)
    for words in ("both", "the workshop and the open day"):
        assert await town.say(words, JOHN) == [
            "One at a time, please.\n\nWhich event interests you?"
        ]
    assert (await town.say("neither", JOHN))[0].startswith("Please choose one of the events.")


async def test_people_are_told_whether_they_are_registered(town: BotHarness) -> None:
    await town.say("registrarme")
    [told] = await town.say("¿ya estoy registrada?")
    assert told == "Todavía no tienes un registro.\n\n¿Cuál es tu nombre completo?"
    await town.say("cancelar")
    await register(town)
    [told] = await town.say("entonces ya quedé apuntada?")
    assert told.startswith("Sí, Ana, tu registro está listo: no falta nada más.")


async def test_a_place_that_is_shared_in_a_form_gets_one_message(town: BotHarness) -> None:
    town.bot.parts.context.extensions.ways_to_operators.append(lambda: True)
    await town.say("registrarme")
    place = {"latitude": 4.65, "longitude": -74.08}
    told = await town.send({"type": "location", "location": place}, ANA)
    assert told == ["¡Gracias! Nuestro equipo ya puede verlo.\n\n¿Cuál es tu nombre completo?"]


@pytest.mark.parametrize("words", ["bueno", "hola otra vez", "pueden volver a escribirme"])
async def test_people_who_opted_out_are_asked_whether_they_come_back(
    town: BotHarness, words: str
) -> None:
    await town.say("baja")
    assert await town.say("ok") == [
        "Nos pediste que no te escribiéramos. ¿Volvemos a conversar? Toca el botón o envía *ALTA*."
    ]
    assert await town.say(words) == ["¿Quieres volver a recibir nuestros mensajes?"]
    [back] = await town.say("sí")
    assert back.startswith("¡Qué bueno tenerte de vuelta!")


async def test_the_hint_how_to_come_back_asks_and_is_never_said_twice_in_a_row(
    town: BotHarness,
) -> None:
    await town.say("baja")
    first, second = await town.say("hola"), await town.say("hola")
    assert "Toca el botón" in first[0]
    assert second == ["¿Quieres volver a recibir nuestros mensajes?"]
    assert (await town.say("si po"))[0].startswith("¡Qué bueno tenerte de vuelta!")
    await town.say("baja")
    await town.say("hola")
    [back] = await town.tap("start_messages.start")
    assert back.startswith("¡Qué bueno tenerte de vuelta!")
    await town.say("baja")
    await town.say("hola")
    assert (await town.say("no")) == ["Listo, no te enviaremos mensajes."]
