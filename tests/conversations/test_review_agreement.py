"""A yes in any order of its words, at the review and in its list of changes; and no yes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.bot import ANA, BotHarness

from app.composition.catalogue import load_texts
from services.conversations.review_agreement import agrees_to_store

TEXTS = load_texts()
CONSENT = "registration.consent"
STORED = (
    "yes store",
    "store it",
    "just save",
    "no nothing to change just store it please",
    "yes store am",
    "continue",
    "guarda nomas",
    "todo bien guardalo",
    "no, nada que cambiar, guárdalo",
    "pode guardar",
    "tudo certo pode salvar",
)
NOT_STORED = ("no store am", "don't store it", "no guardes nada", "não salva", "nao guarda isso")
UNCLEAR = ("store what?", "nothing to store", "do not continue", "store it, but change my name")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    for said in ("register", "John Smith", "passport", "A09238812", "25/12/1990", "mechanic"):
        await town.say(said)
    yield town
    await town.stop()


@pytest.mark.parametrize("way", [(), ("no",), ("change",)])
@pytest.mark.parametrize("text", STORED)
async def test_it_is_stored(town: BotHarness, text: str, way: tuple[str, ...]) -> None:
    for said in way:
        await town.say(said)
    await town.say(text)
    assert (await town.user(ANA)).is_registered


@pytest.mark.parametrize("text", [*NOT_STORED, *UNCLEAR])
async def test_it_is_not_stored(town: BotHarness, text: str) -> None:
    await town.say(text)
    assert not (await town.user(ANA)).is_registered


@given(st.lists(st.sampled_from(("yes", "store", "it", "please", "nothing to change", "no"))))
def test_a_denied_verb_never_agrees(words: list[str]) -> None:
    text = " ".join(words)
    if agrees_to_store(TEXTS, CONSENT, text):
        assert "store" in words
        assert "no store" not in text


async def test_people_who_are_lost_see_their_answers_again(town: BotHarness) -> None:
    await town.say("no")
    await town.say("blah blah")
    [shown] = await town.say("ble ble")
    assert "*Document number:* A09238812" in shown
    assert {one["id"] for one in town.choices()} >= {f"{CONSENT}.yes", f"{CONSENT}.change"}


async def test_what_was_called_wrong_is_shown_first(town: BotHarness) -> None:
    await town.say("something is wrong")
    await town.say("store it")
    assert not (await town.user(ANA)).is_registered


async def test_a_text_about_oneself_is_replaced(town: BotHarness) -> None:
    [shown] = await town.say("no be so o, about me na just mechanic")
    assert "*About you:* just mechanic\n" in shown
