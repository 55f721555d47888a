"""A refusal is one message, and people who are stuck are shown the ways out."""

import pytest
from tests.conversations.test_conversations import MENU
from tests.fakes.bot import ANA, JOHN, MARKS, BotHarness

NAME = {ANA: "¿Cuál es tu nombre completo?", JOHN: "What is your full name?"}
TITLES = {ANA: ["Atrás", "Cancelar"], JOHN: ["Back", "Cancel"]}
NOT_UNDERSTOOD = "No entendí eso. Esto es lo que puedo hacer:"
OLD_MENU = "Ese menú ya no está vigente. Este es el actual:"
START = {ANA: "registrarme", JOHN: "register"}


def titles(town: BotHarness, who: str) -> list[str]:
    """Return the buttons and rows of the last reply."""
    shown = [one for one in town.entries(who) if one["type"] not in MARKS][-1]
    if shown["type"] != "interactive":
        return []
    action = shown["interactive"]["action"]
    buttons = [one["reply"]["title"] for one in action.get("buttons", ())]
    return buttons + [row["title"] for part in action.get("sections", ()) for row in part["rows"]]


@pytest.mark.parametrize("who", [ANA, JOHN])
async def test_every_second_refusal_offers_the_ways_out(town: BotHarness, who: str) -> None:
    await town.say(START[who], who)
    await town.say("Ana Gómez", who)
    await town.say("cc", who)
    for _ in range(2):
        [refused] = await town.say("..", who)
        assert refused.count("\n\n") == 2
        assert titles(town, who) == []
        [refused] = await town.say("..", who)
        assert refused.count("\n\n") == 1
        assert titles(town, who) == TITLES[who]
    await town.tap_id("exit.back", who)
    assert len(titles(town, who)) == 3
    await town.tap("CC", who)
    await town.say("..", who)
    assert titles(town, who) == []


async def test_the_first_question_has_nothing_to_go_back_to(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("7")
    await town.say("7")
    assert titles(town, ANA) == ["Cancelar"]
    assert await town.tap_id("exit.cancel") == ["Cancelado. No cambió nada."]


async def test_the_options_of_a_question_stay_choosable(town: BotHarness) -> None:
    await town.say("borrar mis datos")
    await town.say("tal vez")
    assert len(titles(town, ANA)) == 2
    await town.say("tal vez")
    assert titles(town, ANA) == ["Sí, borrarlos", "No, conservarlos", "Cancelar"]
    assert "no borramos nada" in (await town.tap("sure.no"))[0]


async def test_a_list_gets_the_ways_out_as_rows(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    await town.say("carnet")
    await town.say("carnet")
    assert titles(town, ANA)[3:] == ["Atrás", "Cancelar"]
    assert await town.tap_id("exit.back") == [NAME[ANA]]


async def test_an_old_way_out_leads_to_the_menu(town: BotHarness) -> None:
    await town.say("hola")
    for name in ("cancel", "back", "unheard-of"):
        assert await town.tap_id(f"exit.{name}") == [OLD_MENU]
    assert await town.tap_id("exit.menu") == [MENU]


async def test_without_somebody_to_offer_every_miss_shows_the_menu(town: BotHarness) -> None:
    await town.say("hola")
    for _ in range(4):
        assert await town.say("zutano perengano") == [NOT_UNDERSTOOD]
        assert titles(town, ANA)[-3:] == ["Registrarme", "Eventos", "Hacer una pregunta"]
