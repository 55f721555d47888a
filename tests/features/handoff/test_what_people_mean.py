"""People ask for a person wherever they are, and mean it."""

from pathlib import Path

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.rows import rows

from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble

pytestmark = pytest.mark.needs("airtable")
NAME = "¿Cuál es tu nombre completo?"


async def test_a_person_is_asked_for_from_within_a_form(staffed: BotHarness) -> None:
    await staffed.say("registrarme")
    assert "nuestro equipo" in (await staffed.say("hablar con una persona"))[0]
    assert await staffed.say("Ana Gómez") == []
    assert (await staffed.user()).full_name is None


@pytest.mark.needs("assistant")
async def test_a_person_is_asked_for_while_talking_to_the_assistant(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, openai=openai)
    await town.start()
    await town.say("temas")
    await town.tap("assistant")
    assert "nuestro equipo" in (await town.say("asesor"))[0]
    assert openai.model.asked == []
    await town.stop()


async def test_start_leads_to_a_menu_that_works_even_after_asking_for_a_person(
    staffed: BotHarness,
) -> None:
    await staffed.say("asesor")
    await staffed.say("stop")
    assert await staffed.say("alta") == ["¡Qué bueno tenerte de vuelta!"]
    assert await staffed.tap("register") == [NAME]


@pytest.mark.needs("faq")
async def test_who_deletes_their_data_agrees_to_nothing_any_more(staffed: BotHarness) -> None:
    await register(staffed)
    await staffed.say("novedades")
    await staffed.tap("news.yes")
    await staffed.say("zutano perengano AB998877")
    await staffed.say("borrar mis datos")
    await staffed.tap("sure.yes")
    user = await staffed.user()
    assert (user.marketing_at, user.consent_at) == (None, None)
    assert {"withdrew", "no more marketing"} < set(await rows(staffed, "consent", "event"))
    assert await rows(staffed, "unanswered", "question") == [""]
    assert await rows(staffed, "ticket", "asked") == []
    assert not any("AB998877" in (text or "") for text in await rows(staffed, "message", "text"))


@pytest.mark.parametrize(
    "said",
    ["no, quiero hablar con alguien", "no me sirve, páseme con un asesor", "¿hay alguien ahí?"],
)
async def test_a_no_before_the_request_denies_something_else(
    staffed: BotHarness, said: str
) -> None:
    await staffed.say(said)
    assert (await staffed.user()).status == "Needs human"


async def test_who_does_not_want_a_person_gets_none(staffed: BotHarness) -> None:
    await staffed.say("no quiero hablar con una persona")
    assert (await staffed.user()).status is None


@pytest.mark.parametrize(
    ("who", "start", "said", "told"),
    [
        (
            ANA,
            "registrarme",
            "quiero hablar con una persona",
            "Nadie de nuestro equipo lee este chat",
        ),
        (JOHN, "register", "talk to a human", "Nobody from our team reads this chat"),
    ],
)
async def test_in_a_form_who_cannot_reach_anybody_is_told_so(
    town: BotHarness, who: str, start: str, said: str, told: str
) -> None:
    [question] = await town.say(start, who)
    [answer] = await town.say(said, who)
    assert told in answer
    assert answer.endswith(question)


@pytest.mark.parametrize(
    ("who", "said", "phone"),
    [
        (JOHN, "is there somebody?", "You can reach them at +57 300 000 0000"),
        (ANA, "hay alguien ahí?", "Puedes llamar al +57 300 000 0000"),
        ("5511987654321", "tem alguém aí?", "Você pode ligar para +57 300 000 0000"),
    ],
)
async def test_where_nobody_reads_the_chat_people_are_told_how_to_reach_the_team(
    town: BotHarness, who: str, said: str, phone: str
) -> None:
    await town.say("ok", who)
    [told] = await town.say(said, who)
    assert phone in told
    assert town.choices(who)
