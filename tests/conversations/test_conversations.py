"""Conversations of people with the whole bot: every message through the webhook, the lanes,
the flows and the client, to an emulator that refuses what Meta would refuse."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.sample.flows import events

MENU = "¡Hola! ¿Qué te gustaría hacer?"


async def register(town: BotHarness, who: str = ANA) -> list[str]:
    await town.say("hola", who)
    await town.tap("register", who)
    await town.say("ana maría o'connor jean-luc", who)
    await town.tap("CC", who)
    await town.say("1.020.300", who)
    await town.say("25/12/1990", who)
    await town.say("Hago bots y cocino los domingos", who)
    return await town.say("Sí", who)


async def test_a_greeting_is_answered_with_the_menu(town: BotHarness) -> None:
    assert await town.say("Hola!") == [MENU]


async def test_a_greeting_is_a_whole_word(town: BotHarness) -> None:
    await town.say("hola")
    assert "No entendí" in (await town.say("otorrinolaringología"))[0]
    assert "not understand" in (await town.say("this is it"))[0]


async def test_registration_from_greeting_to_confirmation(town: BotHarness) -> None:
    [confirmation] = await register(town)
    assert confirmation == "¡Tu registro está listo! Te damos la bienvenida, Ana."
    assert town.choices()[-1]["id"].startswith("member_menu.")
    user = await town.user()
    assert (user.full_name, user.id_number) == ("Ana María O'Connor Jean-Luc", "1020300")
    assert user.birth_date == date(1990, 12, 25)
    assert (user.registered_at, user.consent_at) == (town.clock(), town.clock())
    assert user.consent_version


async def test_typed_answers_do_as_well_as_taps(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    await town.say("cc")
    await town.say("AB12345")
    await town.say("1990-12-25")
    [review] = await town.say("Hago bots y cocino los domingos")
    for told in ("Ana Gómez", "Cédula (CC)", "AB12345", "25 de diciembre de 1990", "Hago bots"):
        assert told in review
    assert "registro está listo" in (await town.say("autorizo"))[0]


@pytest.mark.parametrize(
    ("answers", "wrong", "complaint"),
    [
        pytest.param((), "Ana 2", "nombre y apellido", id="digits-in-name"),
        pytest.param(("Ana Gómez",), "carnet", "Aceptamos tres documentos", id="no-such-document"),
        pytest.param(("Ana Gómez", "cc"), "..", "número de tu documento", id="no-number"),
        pytest.param(("Ana Gómez", "cc", "123"), "31/02/1990", "25/12/1990", id="no-such-day"),
        pytest.param(("Ana Gómez", "cc", "123"), "01/01/1800", "25/12/1990", id="too-old"),
        pytest.param(("Ana Gómez", "cc", "123"), "01/01/2999", "25/12/1990", id="future"),
    ],
)
async def test_a_wrong_answer_is_explained_and_asked_again(
    town: BotHarness, answers: Sequence[str], wrong: str, complaint: str
) -> None:
    await town.say("registrarme")
    for answer in answers:
        await town.say(answer)
    [refused] = await town.say(wrong)
    explanation, question, *hint = refused.split("\n\n")
    assert complaint in explanation
    assert hint in ([], ["También puedes escribir «atrás» o «cancelar»."])
    assert await town.say(wrong) == [f"{explanation}\n\n{question}"]
    assert await town.say(wrong) == [refused]


async def test_without_consent_nothing_is_kept(town: BotHarness) -> None:
    await town.say("registrarme")
    for answer in ("Ana Gómez", "cc", "123", "25/12/1990", "Hago bots y cocino los domingos"):
        await town.say(answer)
    assert "no guardamos ninguna de estas respuestas" in (await town.tap("no"))[0]
    assert (await town.user()).full_name is None


@pytest.mark.parametrize("word", ["CANCELAR", "exit", "never mind", "please cancel"])
async def test_cancelling_leads_back_to_the_menu(town: BotHarness, word: str) -> None:
    await town.say("registrarme")
    [cancelled] = await town.say(word)
    assert "Cancelado" in cancelled
    assert town.choices()[-1]["id"].startswith("main_menu.")
    assert await town.say("hola") == [MENU]


async def test_silence_is_noticed_and_ends_in_the_menu(town: BotHarness) -> None:
    await town.say("registrarme")
    [reminder] = await town.wait(60)
    assert "¿Sigues ahí?" in reminder
    assert reminder.endswith("¿Cuál es tu nombre completo?")
    [timed_out] = await town.wait(60)
    assert "lo dejo aquí" in timed_out
    assert town.choices()[-1]["id"].startswith("main_menu.")
    assert await town.wait(3600) == []


async def test_an_answer_restarts_the_clock(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.wait(59)
    await town.say("Ana Gómez")
    assert await town.wait(59) == []
    assert "¿Sigues ahí?" in (await town.wait(1))[0]


async def test_reminders_survive_a_restart(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.stop()
    await town.start()
    assert "¿Sigues ahí?" in (await town.wait(60))[0]


async def test_a_conversation_survives_a_restart(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    await town.stop()
    await town.start()
    assert await town.say("cc") == ["¿Cuál es el número de tu documento?"]


async def test_registered_people_reach_everything(town: BotHarness) -> None:
    await register(town)
    assert await town.say("temas") == ["Elige un tema:"]
    assert (await town.tap("events"))[0] == "¿Qué evento te interesa?"
    assert (await town.tap("workshop"))[:2] == ["[document]", "[location]"]
    assert "Eso no lo sé" in (await town.say("¿y el casillero?"))[0]


async def test_an_event_comes_with_its_programme_and_place(town: BotHarness) -> None:
    await town.say("eventos")
    document, location, about = await town.tap("open_day")
    assert (document, location) == ("[document]", "[location]")
    assert "Puertas abiertas" in about
    assert town.choices()[-1]["id"].startswith("main_menu.")
    [sent] = [entry["document"] for entry in town.entries() if entry["type"] == "document"]
    assert (sent["filename"], sent["caption"]) == ("Programa.pdf", "El programa")
    assert sent["id"] in town.account.files


async def test_a_file_is_uploaded_once(town: BotHarness) -> None:
    for _ in range(2):
        await town.say("eventos")
        await town.tap("open_day")
    assert len(town.account.files) == 1


async def test_the_contact_card(town: BotHarness) -> None:
    await town.say("temas")
    assert await town.tap("contact_card") == ["[contacts]", MENU]


async def test_one_field_of_the_profile_is_edited(town: BotHarness) -> None:
    await register(town)
    await town.say("editar mis datos")
    await town.tap("field.about")
    assert "¡Listo, " in (await town.say("Ahora también doy clases de baile"))[0]
    user = await town.user()
    assert user.about == "Ahora también doy clases de baile"
    assert user.full_name is not None


async def test_the_profile_is_deleted_after_a_question(town: BotHarness) -> None:
    await register(town)
    await town.say("borrar mis datos")
    assert "no borramos nada" in (await town.tap("sure.no"))[0]
    assert (await town.user()).is_registered
    await town.say("borrar mis datos")
    assert "fueron borrados" in (await town.tap("sure.yes"))[0]
    user = await town.user()
    assert not user.is_registered
    assert (user.full_name, user.birth_date, user.consent_at) == (None, None, None)


async def test_the_language_follows_the_country_and_then_the_choice(town: BotHarness) -> None:
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]
    await town.say("language", JOHN)
    assert await town.tap("es", JOHN) == ["Sigamos en español."]
    assert await town.say("hello", JOHN) == [MENU]


async def test_a_person_without_phone_is_served_by_user_id(town: BotHarness) -> None:
    town.person(ANA).hides_phone = True
    assert await town.say("hola") == [MENU]
    await register(town)
    assert (await town.user()).id_number == "1020300"
    assert (await town.user()).wa_id is None


@pytest.mark.parametrize("stop", ["STOP", "baja", "Unsubscribe"])
async def test_stop_silences_the_bot_until_start(town: BotHarness, stop: str) -> None:
    await town.say("registrarme")
    assert "ALTA" in (await town.say(stop))[0]
    assert (await town.user()).opted_out_at is not None
    assert await town.wait(3600) == []
    assert "ALTA" in (await town.say("hola"))[0]
    assert len(await town.say("alta")) == 1
    assert town.choices()[-1]["id"].startswith("main_menu.")
    assert (await town.user()).opted_out_at is None


async def test_stop_is_a_whole_message(town: BotHarness) -> None:
    await town.say("stop it please")
    assert (await town.user()).opted_out_at is None


async def test_a_tap_on_an_old_menu_still_works(town: BotHarness) -> None:
    await town.say("hola")
    await town.say("eventos")
    await town.tap("open_day")
    assert await town.tap_id("main_menu.register") == ["¿Cuál es tu nombre completo?"]


async def test_a_tap_on_an_old_question_is_answered_sensibly(town: BotHarness) -> None:
    await town.say("eventos")
    [*_, told] = await town.tap("open_day")
    assert told.startswith("*Puertas abiertas:*")
    [*_, told] = await town.tap_id("events.event.workshop")  # the other button of the same bubble
    assert told.startswith("*Taller:*")
    old = ["Ese menú ya no está vigente. Este es el actual:"]
    for choice in ("nothing-of-ours", "events.event.gone", "delete_profile.sure.yes"):
        assert await town.tap_id(choice) == old
    assert await town.tap("register") == ["¿Cuál es tu nombre completo?"]


async def test_a_tap_on_something_else_within_a_flow_leads_there_and_back(
    town: BotHarness,
) -> None:
    await town.say("hola")
    await town.tap("register")
    await town.say("Ana Gómez")
    assert await town.tap_id("main_menu.events") == ["¿Qué evento te interesa?"]
    *_, told = await town.tap("open_day")
    assert told.endswith("\n\n¿Qué documento de identidad tienes?")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("image", "imágenes"),
        ("audio", "notas de voz"),
        ("sticker", "sticker"),
        ("location", "ubicaciones"),
        ("unsupported", "tipo de mensaje"),
        ("poll_of_the_future", "tipo de mensaje"),
    ],
)
async def test_what_the_bot_cannot_read_gets_a_useful_answer(
    town: BotHarness, kind: str, word: str
) -> None:
    [explanation] = await town.send({"type": kind, kind: {"id": "1"}})
    assert word in explanation
    assert await town.tap("register") == ["¿Cuál es tu nombre completo?"]


async def test_a_voice_note_within_a_flow_repeats_the_question(town: BotHarness) -> None:
    await town.say("registrarme")
    [explanation] = await town.send({"type": "audio", "audio": {"id": "1"}})
    assert "notas de voz" in explanation
    assert explanation.endswith("\n\n¿Cuál es tu nombre completo?")
    assert (await town.say("Ana Gómez"))[0].startswith("¿Qué documento")


async def test_a_caption_is_something_that_was_said(town: BotHarness) -> None:
    assert await town.send({"type": "image", "image": {"id": "1", "caption": "hola"}}) == [MENU]


async def test_a_reaction_is_left_in_peace(town: BotHarness) -> None:
    reaction = {"message_id": "wamid.X", "emoji": "👍"}
    assert await town.send({"type": "reaction", "reaction": reaction}) == []


async def test_messages_are_marked_as_read(town: BotHarness) -> None:
    await town.say("hola")
    assert [entry["type"] for entry in town.entries()].count("read") == 1


async def test_every_message_has_a_delivery_that_is_read_in_the_end(town: BotHarness) -> None:
    from sqlalchemy import select

    from storage.engine.group_commit import Transaction
    from storage.tables.deliveries import delivery

    await town.say("hola")
    query = select(delivery.c.status, delivery.c.wamid)
    rows = await town.database.submit(
        Transaction(lambda connection, _: connection.execute(query).all())
    )
    assert [row.status for row in rows] == ["read"]
    assert rows[0].wamid.startswith("wamid.")


async def test_only_listed_people_are_served(tmp_path: Path) -> None:
    town = BotHarness(tmp_path, phone_allowlist="+57 300 123-4567, +52 55 1234 5678")
    await town.start()
    assert await town.say("hola") == [MENU]
    assert len(await town.say("hola", "5215512345678")) == 1  # as WhatsApp writes it
    assert await town.say("hello", JOHN) == []
    await town.stop()


async def test_some_things_are_for_some_roles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "events", replace(events.events, roles=("staff",)))
    people = [{"phone": f"+{JOHN}", "role": "staff"}, {"phone": ANA}]
    town = BotHarness(tmp_path, users=json.dumps(people))
    await town.start()
    assert await town.say("hello", "447700900123") == []
    assert await town.say("events", JOHN) == ["Which event interests you?"]
    await town.say("hola")
    assert (await town.tap("events"))[0] == "Lo siento, eso no está disponible para ti."
    assert "Qué evento" not in str(await town.say("eventos"))
    await town.stop()


async def test_a_burst_to_one_person_stays_within_metas_pair_limit(town: BotHarness) -> None:
    for number in range(60):
        await town.say("hola" if number % 2 else "menú")  # who only repeats a text is a machine
    assert len(town.person(ANA).entries) > 0
    for _ in range(40):
        await town.wait(6)
    sent = [entry for entry in town.person(ANA).entries if entry["type"] == "interactive"]
    assert len(sent) == 60
