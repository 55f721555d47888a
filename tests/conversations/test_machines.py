"""A machine that answers every message is noticed before the two of them talk for ever."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

from services.conversations.machines import MAX_EXCHANGES

AWAY = {
    ANA: "Gracias por escribir. Ahora no estamos, vuelve a escribirnos mañana.",
    JOHN: "Thank you for your message. Nobody is here, please write again tomorrow.",
}


@pytest.mark.parametrize("who", [ANA, JOHN])
async def test_after_a_few_equal_exchanges_there_is_silence(town: BotHarness, who: str) -> None:
    for _ in range(MAX_EXCHANGES):
        assert await town.say(AWAY[who], who) != []
        await town.wait(2, who)
    for _ in range(3):
        assert await town.say(AWAY[who], who) == []
    assert b"bot_machine_messages_total 3.0" in town.state.metrics.exposition()
    assert len(await town.say("menu", who)) == 1
    assert await town.say(AWAY[who], who) != []


async def test_who_repeats_themselves_slowly_is_a_person(town: BotHarness) -> None:
    for _ in range(MAX_EXCHANGES + 2):
        assert await town.say("hola") != []
        await town.wait(61)


async def test_who_gets_other_replies_is_a_person(town: BotHarness) -> None:
    await town.say("registrarme")
    for _ in range(2):
        await town.say("Ana Gómez")
        await town.say("Ana Gómez")
        assert len(await town.say("atrás")) == 1


async def test_taps_are_never_taken_for_a_machine(town: BotHarness) -> None:
    await town.say("hola")
    for _ in range(MAX_EXCHANGES + 2):
        assert await town.tap_id("main_menu.events") != []
        await town.say("cancelar")
