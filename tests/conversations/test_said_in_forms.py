"""What strangers write inside of forms: corrections, questions, refusals, several answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.bot import BotHarness
from tests.fakes.in_forms import judge_lines
from tests.fakes.understanding import languages

from app.composition.catalogue import load_texts
from services.conversations.name_edits import edited_name

#: Share of the lines of a language of which comes what should.
UNDERSTOOD = 0.95
TEXTS = load_texts()
NAME = ("Paula", "Andrea", "Soto")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


@pytest.mark.parametrize("language", languages())
async def test_what_comes_of_what_strangers_write(language: str) -> None:
    judged = await judge_lines(language)
    wrong = [f"{one.line.text!r}: {one.outcome}" for one in judged if not one.is_right]
    assert len(wrong) <= (1 - UNDERSTOOD) * len(judged), "\n".join(wrong)


WORDS = (
    *NAME,
    "puedes",
    "poner",
    "no",
    "más",
    "sin",
    "el",
    "solo",
    "put",
    "without",
    "tira",
    "o",
    "só",
)


@given(st.lists(st.sampled_from(WORDS), max_size=10))
def test_an_edited_name_has_no_words_of_the_sentence(words: list[str]) -> None:
    edited = edited_name(TEXTS, NAME, " ".join(words))
    assert edited is None or {*edited.split()} <= {*NAME}


async def ask_birth_date(town: BotHarness) -> None:
    for answer in ("registrarme", "Paula Andrea Soto", "pasaporte", "AB1020300"):
        await town.say(answer)


async def test_a_sentence_is_never_stored_as_a_name(town: BotHarness) -> None:
    await ask_birth_date(town)
    await town.say("puedes poner paula soto no más sin el andrea")
    await town.say("25/12/1990")
    [review] = await town.say("Soy enfermera jubilada. Soy muy vieja para esto?")
    assert "*Nombre:* Paula Soto\n" in review
    assert "*Sobre ti:* Soy enfermera jubilada.\n" in review
    assert "no lo puedo responder" in review


async def test_a_form_that_ran_out_goes_on(town: BotHarness) -> None:
    await ask_birth_date(town)
    [_, told] = await town.wait(60) + await town.wait(60)
    assert "*continuar*" in told
    [again] = await town.say("vamos")
    assert "¿Cuándo naciste?" in again
    [about] = await town.say("25/12/1990")
    assert "Cuéntanos" in about


async def test_a_form_that_was_stopped_is_taken_up_again(town: BotHarness) -> None:
    await ask_birth_date(town)
    [stopped] = await town.say("no espera no quiero q guarden mi pasaporte")
    assert "no se registró nada" in stopped
    [again] = await town.tap("exit.kept_form")
    assert "¿Cuándo naciste?" in again


async def test_cancel_where_nothing_is_open_offers_the_opt_out(town: BotHarness) -> None:
    [told] = await town.say("cancelar")
    assert "no hay nada abierto" in told
    assert "no recib" in " ".join(await town.tap("stop_messages.stop")).casefold()


async def test_the_later_document_replaces_the_one_before(town: BotHarness) -> None:
    await town.say("quiero registrarme, soy nicolas fuentes, rut 19.234.567-8")
    await town.say("pasaporte F12345678")
    await town.say("25/12/1990")
    [review] = await town.say("saltar")
    assert "F12345678" in review
    assert "19234567" not in review
