"""People correct an earlier answer in words, without saying that they want to change it."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.sample.flows.registration import registration

from app.composition.catalogue import load_texts
from flow_engine import FlowState
from services.conversations.change_requests import spoken_correction

BRAZIL = "5511987654321"
ANSWERS = {"full_name": "Ana Gómez", "id_type": "CC", "id_number": "1020300"}
TEXTS = load_texts()


def correction(
    text: str, step: str = "birth_date", *, is_refused: bool = True
) -> tuple[str, str] | None:
    before = dict(list(ANSWERS.items())[: {"id_type": 1, "id_number": 2}.get(step, 3)])
    state = FlowState(flow="registration", version=1, step=step, answers=before)
    return spoken_correction(TEXTS, registration, state, text, is_refused=is_refused)


@pytest.mark.parametrize(
    ("text", "step", "corrected"),
    [
        ("wait, my name is Ana Pérez", "birth_date", ("full_name", "Ana Pérez")),
        ("perdón, mi nombre es Ana Pérez", "birth_date", ("full_name", "Ana Pérez")),
        ("o meu nome é Ana Pérez", "id_number", ("full_name", "Ana Pérez")),
        ("sorry the number is AB123", "birth_date", ("id_number", "AB123")),
        ("mi tipo de documento es pasaporte", "birth_date", ("id_type", "PASSPORT")),
        ("na verdade é Ana Pérez", "id_type", ("full_name", "Ana Pérez")),
        ("actually Ana Pérez", "id_type", ("full_name", "Ana Pérez")),
        ("quise decir AB999", "birth_date", ("id_number", "AB999")),
    ],
)
def test_what_is_a_correction(text: str, step: str, corrected: tuple[str, str]) -> None:
    assert correction(text, step) == corrected


@pytest.mark.parametrize(
    "text",
    [
        "sorry, no idea",
        "actually I don't know",
        "is my name wrong?",
        "perdón, no entiendo",
        "Ana Pérez",
        "wait",
        "",
        "my name is 7",
        "na verdade " + "muito " * 20,
    ],
)
def test_what_is_none(text: str) -> None:
    assert correction(text, "id_type") is None


def test_an_answer_that_is_taken_is_a_correction_only_if_it_says_so() -> None:
    assert correction("wait, my name is Ana Pérez", "about", is_refused=False) is not None
    assert correction("the name is on all my boats", "about", is_refused=False) is None
    assert correction("actually I like boats", "about", is_refused=False) is None


@pytest.mark.parametrize(
    ("who", "start", "said", "then"),
    [
        (ANA, "registrarme", "en realidad me llamo Ana Pérez", "Corregido.\n\n¿Qué documento"),
        (JOHN, "register", "sorry, my name is Ana Pérez", "Corrected.\n\nWhich identity"),
        (BRAZIL, "quero me cadastrar", "na verdade é Ana Pérez", "Corrigido.\n\nQual documento"),
    ],
)
async def test_the_form_goes_on_where_it_was(
    town: BotHarness, who: str, start: str, said: str, then: str
) -> None:
    for text in (start, "Ana Gómez"):
        await town.say(text, who)
    [question] = await town.say(said, who)
    assert question.startswith(then)
    await town.say("passport", who)
    [question] = await town.say("AB123", who)
    assert "DD/MM/" in question
    await town.say("back", who)  # also after a correction
    [question] = await town.say("back", who)
    assert question == then.partition("\n\n")[2] or question.startswith(then.partition("\n\n")[2])


@pytest.mark.parametrize(
    "said", ["perdón, me equivoqué, es Ana María Gómez", "en realidad es Ana María Gómez"]
)
async def test_the_words_around_a_corrected_name_are_no_part_of_it(
    town: BotHarness, said: str
) -> None:
    await town.say("registrarme")
    for text in (said, "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos"):
        await town.say(text)
    await town.say("sí")
    assert (await town.user()).full_name == "Ana María Gómez"


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("la fecha está mal", "¿Cuándo naciste?"),
        ("my name is wrong", "What is your full name?"),
        ("a data de nascimento está errada", "Quando você nasceu?"),
    ],
)
async def test_an_answer_that_is_called_wrong_is_asked_for_again(
    town: BotHarness, said: str, then: str
) -> None:
    answers = ("Ana Gómez", "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos")
    for text in ("registrarme", *answers):
        await town.say(text)
    assert (await town.say(said))[0].startswith(then)


async def test_consent_may_follow_on_the_list_of_answers(town: BotHarness) -> None:
    answers = ("Ana Gómez", "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos")
    for text in ("registrarme", *answers):
        await town.say(text)
    await town.tap("consent.change")
    await town.say("sí, acepto")
    assert not (await town.user()).is_registered, "the answer that is wrong may be meant"
    await town.say("sí, guárdalas")
    assert (await town.user()).is_registered


@pytest.mark.parametrize("said", ["muchas gracias muy amable", "no, gracias, muy amable"])
async def test_courtesy_on_the_list_of_answers_is_no_answer(town: BotHarness, said: str) -> None:
    answers = ("Ana Gómez", "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos")
    for text in ("registrarme", *answers):
        await town.say(text)
    await town.tap("consent.change")
    assert "Corregido" not in (await town.say(said))[0]


async def test_a_request_to_change_one_thing_asks_for_that(town: BotHarness) -> None:
    answers = ("Ana Gómez", "cc", "1020", "25/12/1990", "Hago bots y cocino los domingos")
    for text in ("registrarme", *answers, "sí"):
        await town.say(text)
    assert await town.say("cambiar mi apellido") == ["¿Cuál es tu nombre completo?"]
    await town.say("Ana Pérez")
    assert (await town.user()).full_name == "Ana Pérez"
    assert await town.say("editar mis datos") == ["¿Qué te gustaría cambiar?"]


@pytest.mark.parametrize(
    "said", ["no, mejor pasaporte", "não, na verdade passaporte", "no, actually a passport"]
)
def test_a_no_opens_a_correction(said: str) -> None:
    assert correction(said, "id_number") == ("id_type", "PASSPORT")


@pytest.mark.parametrize("said", ["desculpa, é João Silva", "opa, é João Silva"])
def test_an_accent_is_no_and(said: str) -> None:
    assert correction(said, "id_type") == ("full_name", "João Silva")
