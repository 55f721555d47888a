"""People tap twice, or send the same words twice, and mean it once."""

from typing import Any

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness


async def tap(town: BotHarness, option: str, bubble: str, who: str = ANA) -> list[str]:
    """Somebody taps a button of a certain bubble, as Meta tells it."""
    choice = next(one for one in reversed(town.choices(who)) if one["id"].endswith(option))
    reply = {"type": "button_reply", "button_reply": choice}
    tapped: dict[str, Any] = {"type": "interactive", "interactive": reply}
    return await town.send(tapped | {"context": {"id": bubble}}, who)


async def test_two_taps_in_a_row_are_answered_once(town: BotHarness) -> None:
    await town.say("hola")
    assert await tap(town, "register", "wamid.1") == ["¿Cuál es tu nombre completo?"]
    assert await tap(town, "register", "wamid.1") == []
    await town.say("Ana Gómez")
    assert await tap(town, "PASSPORT", "wamid.2") == ["¿Cuál es el número de tu documento?"]
    assert await tap(town, "PASSPORT", "wamid.2") == []
    for said in ("AB123", "25/12/1990", "Hago bots y cocino los domingos"):
        await town.say(said)
    [done] = await tap(town, "consent.yes", "wamid.3")
    assert "registro está listo" in done
    assert await tap(town, "consent.yes", "wamid.3") == []
    assert (await town.user()).id_type == "PASSPORT"


@pytest.mark.parametrize("after", ["later", "elsewhere", "something else"])
async def test_any_other_tap_counts(town: BotHarness, after: str) -> None:
    await town.say("hola")
    await tap(town, "register", "wamid.1")
    if after == "later":
        await town.wait(11)
    if after == "something else":
        await town.say("cancelar")
    bubble = "wamid.2" if after == "elsewhere" else "wamid.1"
    assert await tap(town, "register", bubble) == ["¿Cuál es tu nombre completo?"]


async def test_an_answer_that_is_typed_twice_is_taken_once(town: BotHarness) -> None:
    await town.say("registrarme")
    await town.say("Ana Gómez")
    await town.say("pasaporte")
    assert await town.say("pasaporte") == []
    for said in ("AB123", "25/12/1990", "Hago bots y cocino los domingos"):
        await town.say(said)
    [done] = await town.say("sí")
    assert "registro está listo" in done
    assert await town.say("Sí!") == []
    await town.wait(11)
    assert "No entendí" in (await town.say("sí"))[0]


async def test_what_was_not_understood_is_answered_each_time(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    assert "did not understand" in (await town.say("qwertyuiop", JOHN))[0]
    assert len(await town.say("qwertyuiop", JOHN)) == 1
    await town.say("events", JOHN)
    assert len(await town.say("none of your business", JOHN)) == 1
    assert len(await town.say("none of your business", JOHN)) == 1


async def test_the_same_words_about_another_message_are_answered(town: BotHarness) -> None:
    said: dict[str, Any] = {"type": "text", "text": {"body": "gracias"}}
    await town.say("hola")
    assert len(await town.send(said)) == 1
    quoting = said | {"context": {"id": "wamid.1"}}
    assert len(await town.send(quoting)) == 1


@pytest.mark.needs("assistant")
async def test_what_a_chat_without_a_model_did_not_understand_is_answered_again(
    town: BotHarness,
) -> None:
    await town.say("hello", JOHN)
    await town.tap("assistant", JOHN)
    for _ in range(2):
        [told] = await town.say("qwertyuiop", JOHN)
        assert "understand" in told
