"""People write whatever they like wherever they are, and mean something by it."""

from typing import Any

import pytest
from sqlalchemy import Table, select
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness

from domain.conversation_status import ConversationStatus
from domain.user import User
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.tables import users
from storage.tables.consents import consent

NAME = "¿Cuál es tu nombre completo?"


async def rows(town: BotHarness, table: Table, name: str) -> list[Any]:
    query = select(table.c[name])
    return await town.database.submit(Transaction(lambda c, _: list(c.scalars(query))))


async def change(database: GroupCommit, person: User, **values: object) -> None:
    write = users.change(person.key, values)
    await database.submit(Transaction(lambda c, _: execute_writes(c, [write])))


def button(label: str, payload: str | None = None) -> dict[str, Any]:
    """A tap on a quick reply of a template."""
    return {"type": "button", "button": {"text": label, "payload": payload or label}}


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("eventos", "¿Qué evento te interesa?"),
        ("buenos días", NAME),
        ("main menu", "¡Hola! ¿Qué te gustaría hacer?"),
    ],
)
async def test_what_leads_elsewhere_is_no_name(town: BotHarness, words: str, answer: str) -> None:
    await town.say("registrarme")
    assert await town.say(words) == [answer]


@pytest.mark.parametrize(
    ("start", "words", "told"),
    [
        ("registrarme", "quiero registrarme", NAME),
        ("borrar mis datos", "borra mi cuenta", "¿Borramos todos tus datos? No se puede deshacer."),
    ],
)
async def test_who_asks_for_the_open_form_is_not_told_to_finish_it(
    town: BotHarness, start: str, words: str, told: str
) -> None:
    await town.say(start)
    assert await town.say(words) == [told]


@pytest.mark.parametrize(("words", "answer"), [("muchas gracias", "¡Con gusto!"), ("jajaja", "😄")])
async def test_thanks_in_a_form_are_no_wrong_answer(
    town: BotHarness, words: str, answer: str
) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    [told] = await town.say(words)
    assert told.startswith(answer)
    assert "document" in told


async def test_who_is_blocked_is_heard_and_gets_no_answer(town: BotHarness) -> None:
    await town.say("hola")
    await change(town.database, await town.user(), status=ConversationStatus.BLOCKED.value)
    assert await town.say("stop") == []
    assert (await town.user()).opted_out_at is not None
    assert await town.say("hola") == await town.say("alta") == []


async def test_who_was_away_is_not_said_to_have_been_silent(town: BotHarness) -> None:
    """After an outage: the answer may be among what Meta redelivers."""
    await town.say("registrarme")
    [reminder] = await town.wait(600)
    assert "¿Sigues ahí?" in reminder
    assert reminder.endswith(NAME)
    assert await town.wait(119) == []
    assert (await town.say("Ana Gómez"))[0].startswith("¿Qué documento")


async def test_silence_after_an_outage_ends_a_form_too(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.wait(600)
    [timed_out] = await town.wait(120)
    assert "lo dejo aquí" in timed_out
    assert town.choices()[-1]["id"].startswith("main_menu.")


async def test_one_registers_before_one_edits(town: BotHarness) -> None:
    [told] = await town.say("editar mis datos")
    assert told.startswith("Todavía no")
    assert told.endswith(NAME)
    await town.say("cancelar")
    assert (await town.user()).full_name is None


@pytest.mark.parametrize("label", ["Detener promociones", "Stop promotions"])
async def test_a_template_s_button_stops_offers(town: BotHarness, label: str) -> None:
    await town.say("novedades")
    await town.tap("news.yes")
    assert (await town.user()).marketing_at is not None
    [told] = await town.send(button(label))
    assert "ofertas" in told
    assert (await town.user()).marketing_at is None


async def test_a_template_s_button_says_what_its_label_says(town: BotHarness) -> None:
    assert await town.send(button("Registrarme")) == [NAME]


async def test_the_payload_of_a_template_s_button_counts_for_leaving_and_coming_back(
    town: BotHarness,
) -> None:
    [told] = await town.send(button("No me interesa", "STOP"))
    assert "Listo" in told
    assert (await town.user()).opted_out_at is not None
    await town.send(button("Quiero más", "START"))
    assert (await town.user()).opted_out_at is None


async def test_who_stops_offers_in_whatsapp_is_believed(town: BotHarness) -> None:
    for who in (ANA, JOHN):
        await town.say("offers", who)
        await town.tap("news.yes", who)
    person = town.person(ANA)
    stopped = {
        "wa_id": ANA,
        "user_id": person.user_id,
        "category": "marketing_messages",
        "value": "stop",
    }
    odd = [{}, 7, {**stopped, "value": "resume"}, {**stopped, "wa_id": None, "user_id": [1]}]
    town.account.webhooks.send("1", {"user_preferences": [*odd, stopped]}, field="user_preferences")
    await town.settle()
    assert (await town.user()).marketing_at is None
    assert (await town.user(JOHN)).marketing_at is not None
    assert (await rows(town, consent, "event"))[-1] == "no more marketing"


async def test_what_was_agreed_to_is_over_with_stop(town: BotHarness) -> None:
    await town.say("novedades")
    await town.tap("news.yes")
    await town.say("stop")
    await town.say("alta")
    assert (await town.user()).marketing_at is None


async def test_who_deletes_their_data_agrees_to_nothing_any_more(town: BotHarness) -> None:
    await register(town)
    await town.say("novedades")
    await town.tap("news.yes")
    await town.say("borrar mis datos")
    await town.tap("sure.yes")
    user = await town.user()
    assert (user.marketing_at, user.consent_at) == (None, None)
    assert {"withdrew", "no more marketing"} < set(await rows(town, consent, "event"))


async def test_a_number_is_typed_for_a_menu_that_was_shown(town: BotHarness) -> None:
    assert await town.say("1") == ["¡Hola! ¿Qué te gustaría hacer?"]
    assert await town.say("1") == [NAME]


@pytest.mark.parametrize("words", ["our contact", "Nuestro contacto", "contact", "¡Contacto!"])
async def test_a_choice_of_any_menu_is_typed(town: BotHarness, words: str) -> None:
    await town.say(words)
    assert [one["type"] for one in town.entries() if one.get("type") == "contacts"] == ["contacts"]


@pytest.mark.parametrize(
    ("who", "said", "told"),
    [
        (ANA, "¿tienen piscina en la sede?", "Eso no lo puedo responder aquí"),
        (JOHN, "do you have a pool over there?", "I can't answer that here"),
    ],
)
async def test_a_question_in_a_form_is_no_wrong_answer(
    town: BotHarness, who: str, said: str, told: str
) -> None:
    [question] = await town.say("register" if who == JOHN else "registrarme", who)
    [answer] = await town.say(said, who)
    assert answer.startswith(told)
    assert answer.endswith(question)
    assert town.choices(who)[-1]["id"] == "exit.cancel"


@pytest.mark.parametrize("said", ["citizen id", "Citizen ID (CC)", "my citizen ID", "cédula"])
async def test_a_title_without_what_is_in_its_brackets(town: BotHarness, said: str) -> None:
    await town.say("register", JOHN)
    await town.say("Grace Hopper", JOHN)
    assert await town.say(said, JOHN) in (
        ["What is its number?"],
        ["¿Cuál es el número de tu documento?"],
    )


async def test_the_words_that_start_a_form_answer_nothing_by_themselves(town: BotHarness) -> None:
    """“Data” is a date in Portuguese, and “edit my data” asks which data."""
    await register(town)
    [asked] = await town.say("edit my data")
    assert asked.startswith("What would you like to change?")
    await town.say("cancel")
    [asked] = await town.say("I want to edit my name")
    assert asked.startswith("What is your full name?")


async def test_who_registers_does_not_ask_whether_they_are(town: BotHarness) -> None:
    assert await town.say("me registro") == [NAME]
