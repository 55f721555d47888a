"""A handoff keeps its promise: when, who, and what if nobody comes."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.operators import record, record_of, sync
from tests.fakes.rows import rows

from app.composition.catalogue import load_texts
from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from features.handoff.hours import OpeningHours
from features.handoff.reopening import describe_opening, next_opening

pytestmark = pytest.mark.needs("airtable")
BRUNA = "5511987654321"
WEEK = [
    {"Day or date": day, "Opens": "09:00", "Closes": "18:00"}
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday")
]


async def set_hours(town: BotHarness, airtable: AirtableDouble, *rows: dict[str, Any]) -> None:
    table = airtable.table("Hours")
    for row in rows:
        cells = table.read(row, typecast=False)
        airtable.bases.create(airtable.config.base_id, table, cells, "client")
    await town.wait(1)
    await town.wait(1)


async def close_today(town: BotHarness, airtable: AirtableDouble) -> None:
    """Close the whole of today, and open tomorrow at 9:30."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    today = town.clock().weekday()
    open_tomorrow = {"Opens": "09:30", "Closes": "18:00"}
    await set_hours(
        town,
        airtable,
        {"Day or date": names[today], "Closed": True},
        {"Day or date": names[(today + 1) % 7], **open_tomorrow},
    )


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026-11-23 07:10", "today at 9:00", "hoy a las 9:00"),
        ("2026-11-23 18:00", "tomorrow at 9:00", "mañana a las 9:00"),
        ("2026-11-26 18:30", "on Monday at 9:00", "el lunes a las 9:00"),
    ],
)
def test_when_it_opens_again(moment: str, english: str, spanish: str) -> None:
    now = datetime.fromisoformat(moment)
    opening = next_opening(OpeningHours.read(WEEK), now)
    assert opening is not None
    assert describe_opening(load_texts(), "en", opening, now) == english
    assert describe_opening(load_texts(), "es", opening, now) == spanish


def test_an_opening_far_away_is_a_date_and_one_that_never_comes_is_none() -> None:
    now = datetime.fromisoformat("2026-11-23 10:00")
    row = {"Day or date": "2026-12-05", "Opens": "10:20", "Closes": "12:00"}
    opening = next_opening(OpeningHours.read([row]), now)
    assert opening == datetime.fromisoformat("2026-12-05 10:20")
    assert describe_opening(load_texts(), "en", opening, now) == "on 5 December 2026 at 10:20"
    closed = OpeningHours.read([{"Day or date": "Monday", "Closed": True}])
    assert next_opening(closed, now) is None


@pytest.mark.needs("faq")
@pytest.mark.parametrize(
    ("who", "asks", "when", "question", "told"),
    [
        (ANA, "asesor", "Volvemos mañana a las 9:30", "¿cuáles son los horarios?", "lunes"),
        (JOHN, "human", "We're back tomorrow at 9:30", "when are you open?", "Monday"),
    ],
)
async def test_outside_the_hours_the_bot_goes_on(
    staffed: BotHarness,
    airtable: AirtableDouble,
    who: str,
    asks: str,
    when: str,
    question: str,
    told: str,
) -> None:
    await close_today(staffed, airtable)
    [away] = await staffed.say(asks, who)
    assert when in away
    assert (await staffed.user(who)).status == "Needs human"
    [answer] = await staffed.say(question, who)
    assert told in answer
    assert len(await staffed.say(asks, who)) == 1
    assert len(await rows(staffed, "ticket", "id")) == 1
    assert (await staffed.user(who)).status == "Needs human"


async def test_a_form_stays_open_while_nobody_is_there(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    await close_today(staffed, airtable)
    [question] = await staffed.say("registrarme")
    [away] = await staffed.say("asesor")
    assert away.endswith(f"\n\n{question}")
    assert (await staffed.say("Ana Gómez"))[0].startswith("¿Qué documento")
    assert await rows(staffed, "ticket", "asked") == ["asesor"]


@pytest.mark.parametrize("word", ["menú", "menu", "main menu"])
async def test_menu_returns_to_the_bot(staffed: BotHarness, word: str) -> None:
    await staffed.say("asesor")
    [told] = await staffed.say("¿hay alguien?")
    assert "alguien te responderá" in told
    [told] = await staffed.say(word)
    assert told.startswith("Listo: cerramos tu solicitud")
    assert "main_menu.register" in {one["id"] for one in staffed.choices()}
    assert (await staffed.user()).status is None
    assert None not in await rows(staffed, "ticket", "closed_at")


async def test_a_tap_on_menu_returns_to_the_bot(staffed: BotHarness) -> None:
    await staffed.say("asesor")
    [told] = await staffed.tap("exit.menu")
    assert told.startswith("Listo: cerramos tu solicitud")


@pytest.mark.parametrize(
    ("who", "asks", "leaves", "told"),
    [
        (JOHN, "human", "exit", "Done: your request to our team is closed"),
        (JOHN, "human", "never mind", "Done: your request to our team is closed"),
        (ANA, "asesor", "volver al bot", "Listo: cerramos tu solicitud"),
        (ANA, "asesor", "salir", "Listo: cerramos tu solicitud"),
        ("5511987654321", "atendente", "sair", "Pronto: fechamos seu pedido"),
        ("5511987654321", "atendente", "voltar ao bot", "Pronto: fechamos seu pedido"),
    ],
)
async def test_who_waits_leaves_by_an_ordinary_sentence_and_is_told_what_becomes_of_the_request(
    staffed: BotHarness, who: str, asks: str, leaves: str, told: str
) -> None:
    await staffed.say(asks, who)
    [said] = await staffed.say(leaves, who)
    assert said.startswith(told)
    assert (await staffed.user(who)).status is None
    assert None not in await rows(staffed, "ticket", "closed_at")


async def test_who_taps_a_menu_while_waiting_goes_on_with_the_bot(staffed: BotHarness) -> None:
    await staffed.say("hello", JOHN)
    await staffed.say("human", JOHN)
    assert await staffed.say("my order 1234 never arrived", JOHN) == []
    told = await staffed.tap_id("main_menu.events", JOHN)
    assert told[0].startswith("Your request to our team is closed")
    assert told[1].startswith("Which event")
    assert (await staffed.user(JOHN)).status is None


async def test_who_waits_is_told_how_long_and_stops_in_own_words(staffed: BotHarness) -> None:
    await staffed.say("hello", JOHN)
    await staffed.say("human", JOHN)
    [told] = await staffed.say("hello??", JOHN)
    assert told.startswith("Your request has been with our team for 1 min")
    assert [one["title"] for one in staffed.choices(JOHN)[-1:]] == ["Close my request"]
    assert "that closes your request" in told
    [asked] = await staffed.say("just quit blowing up my phone dude", JOHN)
    assert asked == "Would you like to stop getting messages from us?"
    assert (await staffed.say("yes", JOHN))[0].startswith("You won't get any more messages")


@pytest.mark.parametrize(
    ("who", "asks", "wonders"),
    [
        (JOHN, "human", ("where is it though", "ye there?", "hello??", "come on", "anyone there")),
        (ANA, "asesor", ("¿sigues ahí?", "y?", "hola?", "contesten porfa", "que paso")),
        (BRUNA, "atendente", ("alguém aí?", "cade?", "oi", "ta demorando hein", "e entao?")),
    ],
)
async def test_who_asks_again_hears_how_things_stand_in_other_words(
    staffed: BotHarness, who: str, asks: str, wonders: tuple[str, ...]
) -> None:
    await staffed.say(asks, who)
    first = [await staffed.say(one, who) for one in wonders[:3]]
    assert [len(one) for one in first] == [1, 1, 1]
    assert len({told for [told] in first}) == 3
    for one in wonders[3:]:
        assert await staffed.say(one, who) == ["[reaction]"]
    await staffed.wait(300, who)
    [told] = await staffed.say(wonders[0], who)
    assert " 5 min" in told


async def test_an_operator_who_answers_is_not_talked_over(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    await staffed.say("human", JOHN)
    await sync(staffed)
    airtable.edit("Contacts", record(airtable, JOHN), Reply="Eva here", Send_reply=True)
    await sync(staffed)
    for said in ("where is it though", "hello??", "anyone there"):
        assert await staffed.say(said, JOHN) == []


async def test_outside_the_hours_menu_leaves_the_request_open_and_cancel_withdraws_it(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    await close_today(staffed, airtable)
    await staffed.say("human", JOHN)
    [told] = await staffed.say("menu", JOHN)
    assert told.startswith("Our team still has your request.")
    assert (await staffed.user(JOHN)).status == "Needs human"
    [told] = await staffed.say("cancel", JOHN)
    assert told.startswith("Done: your request to our team is closed")
    assert (await staffed.user(JOHN)).status is None


async def test_the_ticket_has_the_question_and_what_follows(staffed: BotHarness) -> None:
    await staffed.say("mi zutano llegó roto")
    await staffed.say("hablar con una persona")
    await staffed.say("era el pedido 1234")
    await staffed.say("y hoy lo necesito")
    [asked] = await rows(staffed, "ticket", "asked")
    assert asked.splitlines() == [
        "mi zutano llegó roto",
        "hablar con una persona",
        "era el pedido 1234",
        "y hoy lo necesito",
    ]


async def test_the_place_in_the_queue_is_told(staffed: BotHarness) -> None:
    assert "antes que tú" not in (await staffed.say("asesor"))[0]
    assert "People before you: 1" in (await staffed.say("human", JOHN))[0]


async def test_who_waits_and_opts_out_is_told_how_to_come_back(staffed: BotHarness) -> None:
    await staffed.say("hablar con una persona")
    await staffed.say("baja")
    assert await staffed.say("hola") == []
    [told] = await staffed.say("menú")
    assert "*ALTA*" in told
    [welcome] = await staffed.say("alta")
    assert welcome == "¡Qué bueno tenerte de vuelta!"


@pytest.fixture
async def chatty(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    """A bot whose team has a chat; `town.posted` are the texts there."""
    posted: list[str] = []

    def chat(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content)["text"])
        return httpx.Response(200)

    town = BotHarness(tmp_path, airtable=airtable, operators_chat_url="http://chat/hook")
    town.others["chat"] = httpx.MockTransport(chat)
    town.posted = posted  # type: ignore[attr-defined]
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def test_the_team_is_reminded_and_the_person_gets_one_apology(chatty: BotHarness) -> None:
    posted: list[str] = chatty.posted  # type: ignore[attr-defined]
    await chatty.say("asesor")
    assert await chatty.wait(599) == []
    assert len(posted) == 1
    assert await chatty.wait(1) == []
    assert len(posted) == 2
    assert "still waits for an answer" in posted[1]
    [apology] = await chatty.wait(600)
    assert "Siento que esté tardando" in apology
    assert await chatty.wait(3600) == []
    assert len(posted) == 2


async def test_nobody_is_reminded_of_who_went_back_to_the_bot(chatty: BotHarness) -> None:
    posted: list[str] = chatty.posted  # type: ignore[attr-defined]
    await chatty.say("asesor")
    await chatty.say("menú")
    assert await chatty.wait(3600) == []
    assert len(posted) == 1


@pytest.mark.needs("assistant")
@pytest.mark.parametrize("table", ["Tickets", "Contacts"])
async def test_the_assistant_answers_again_after_the_handback(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble, table: str
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, openai=openai)
    await town.start()
    await town.say("temas")
    await town.tap("assistant")
    openai.model.will_say("Cuarenta y dos.")
    assert await town.say("¿cuánto es seis por siete?") == ["Cuarenta y dos."]
    await town.say("asesor")
    await sync(town)
    assert await town.say("¿y ocho por siete?") == []
    cells = {"Done": True} if table == "Tickets" else {"Status": "Bot"}
    airtable.edit(table, record_of(airtable, table), **cells)
    await sync(town)
    openai.model.will_say("Cincuenta y seis.")
    assert await town.say("¿cuánto es ocho por siete?") == ["Cincuenta y seis."]
    await town.stop()


async def test_operators_without_a_chat_see_in_airtable_who_waits(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    await staffed.say("asesor")
    await staffed.wait(599)
    await sync(staffed)
    [ticket] = airtable.rows("Tickets")
    assert "Nobody has answered yet" in ticket["Problem"]
    airtable.edit("Contacts", record(airtable), Status="Human")
    await sync(staffed)
    await sync(staffed)
    [ticket] = airtable.rows("Tickets")
    assert not ticket.get("Problem")


async def test_operators_without_a_chat_see_a_machine_in_airtable(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    away = "Gracias por tu mensaje, ahora no estamos"
    for _ in range(8):
        await staffed.say(away)
    await sync(staffed)
    [ticket] = airtable.rows("Tickets")
    assert "seems to be a machine" in ticket["Asked"]
    assert away in ticket["Asked"]
    assert (await staffed.user()).status is None


async def test_the_team_is_told_of_a_machine_once(chatty: BotHarness) -> None:
    posted: list[str] = chatty.posted  # type: ignore[attr-defined]
    for _ in range(8):
        await chatty.say("Gracias por tu mensaje, ahora no estamos")
    assert len(posted) == 1
    assert "seems to be a machine" in posted[0]


async def test_what_is_urgent_outside_the_hours_is_noted(
    staffed: BotHarness, airtable: AirtableDouble
) -> None:
    await close_today(staffed, airtable)
    await staffed.say("asesor")
    [noted] = await staffed.say("Es urgente!!")
    assert "ya tiene tu solicitud" in noted
    [noted] = await staffed.say("mi pedido 1234 nunca llegó")
    assert "ya tiene tu solicitud" in noted
    assert await staffed.say("lo compré hace dos semanas") == ["[reaction]"]
    [asked] = await rows(staffed, "ticket", "asked")
    assert "mi pedido 1234 nunca llegó\nlo compré hace dos semanas" in asked


@pytest.mark.parametrize(
    ("who", "said"), [(ANA, "Es urgente!!"), (JOHN, "it's urgent"), (ANA, "¡URGENTE!")]
)
async def test_what_is_urgent_goes_to_a_person(staffed: BotHarness, who: str, said: str) -> None:
    await staffed.say(said, who)
    assert (await staffed.user(who)).status == "Needs human"


async def test_nobody_is_told_to_ask_for_what_they_get(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, shows_first_contact=True)
    await town.start()
    await town.settle()
    [told] = await town.say("I want to talk to a person", JOHN)
    assert "I'm a bot" in told
    assert "*person*" not in told
    assert "*persona*" in (await town.say("hola"))[0]
    await close_today(town, airtable)
    [away] = await town.say("humano por favor", "573009999999")
    assert "Soy un bot" in away
    assert "*persona*" not in away
    await town.stop()


async def test_a_form_waits_while_a_person_is_asked_for(staffed: BotHarness) -> None:
    for said in ("register", "John Doe", "passport", "human"):
        await staffed.say(said, JOHN)
    [offered] = await staffed.say("ok nvm back to the bot", JOHN)
    assert offered.startswith("Your request to our team is closed.")
    assert "We were at *Document number*. Shall we go on?" in offered
    assert await staffed.tap("go_on", JOHN) == ["What is its number?"]
    await staffed.say("human", JOHN)
    await staffed.say("menu", JOHN)
    assert await staffed.say("yes", JOHN) == ["What is its number?"]
