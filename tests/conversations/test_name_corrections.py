"""People correct their name: a part of it, one letter, or all of it."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.sample.flows.registration import registration

from app.composition.catalogue import load_texts
from flow_engine import FlowState
from services.conversations.name_corrections import name_correction

TEXTS = load_texts()


def corrected(text: str, name: str = "Yeison Rioz") -> str | None:
    state = FlowState(flow="registration", version=1, step="id_type", answers={"full_name": name})
    found = name_correction(TEXTS, registration, state, text)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("el apellido es Ríos con tilde", "Yeison Ríos"),
        ("mi apellido es Ríos", "Yeison Ríos"),
        ("no, es yeison ríos", "Yeison Ríos"),
        ("no perdon, es Rios con s", "Yeison Rios"),
        ("yeison rios con s", "Yeison Rios"),
        ("Rios con s", "Yeison Rios"),
        ("perdón es Yeison Ríos", "Yeison Ríos"),
        ("no, Jeison", "Jeison Rioz"),
        ("my last name is Rios", "Yeison Rios"),
        ("sorry its Rios with an s", "Yeison Rios"),
        ("no it's Jason Rioz", "Jason Rioz"),
        ("my surname is Martinez", "Yeison Martinez"),
        ("o sobrenome é Rios", "Yeison Rios"),
        ("não, é Rios com s", "Yeison Rios"),
        ("o meu apelido é Rios", "Yeison Rios"),
        ("my first name is Jason", "Jason Rioz"),
        ("los apellidos son Ríos Gómez", "Yeison Ríos Gómez"),
        ("cambia el apellido por Ríos por favor", "Yeison Ríos"),
    ],
)
def test_a_correction_of_a_name(text: str, name: str) -> None:
    assert corrected(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no, gracias",
        "no quiero",
        "no tengo",
        "no, tengo pasaporte",
        "passport",
        "Ana Gómez",
        "no, otra vez no",
        "is my last name Rios?",
        "perdón, un momento",
        "no es eso",
        "sorry, no idea",
        "cédula con foto",
    ],
)
def test_no_correction_of_a_name(text: str) -> None:
    assert corrected(text) is None


async def test_at_the_next_question_and_at_the_review(town: BotHarness) -> None:
    await town.say("registrarme", ANA)
    await town.say("Yeison Rioz", ANA)
    [asked] = await town.say("no perdon, es Rios con s", ANA)
    assert asked == "Corregido.\n\n¿Qué documento de identidad tienes?"
    for said in ("pasaporte", "AB1020300", "25/12/1990", "paso"):
        await town.say(said, ANA)
    [review] = await town.say("el apellido es Ríos con tilde", ANA)
    assert "*Nombre:* Yeison Ríos\n" in review
    [review] = await town.say("no, es jeison ríos", ANA)
    assert "*Nombre:* Jeison Ríos\n" in review


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("no its AB1020308 my bad", "*Document number:* AB1020308"),
        ("ok but the name is wrong its Gracie not Grace", "*Name:* Gracie Hopper"),
        ("tá errado o nome, é Opper com P", "*Nome:* Grace Opper"),
        ("muda o nome tb: Caique Ferreira da Silva", "*Nome:* Caique Ferreira da Silva"),
        ("o número do passaporte é CB123465", "CB123465"),
        ("change the birthday its july 14", "*Birth date:* 14 July 1990"),
        ("change the birth date to 24/03/1994", "*Birth date:* 24 March 1994"),
        (
            "a data é 24 não 25, e tira isso da data do texto sobre mim",
            "24 de dezembro de 1990",
        ),
        ("muda a data pra 24/03/1994", "*Data de nascimento:* 24 de março de 1994"),
    ],
)
async def test_a_value_in_a_request_is_taken(town: BotHarness, said: str, line: str) -> None:
    for answer in ("register", "Grace Hopper", "passport", "AB1020300", "25/12/1990", "skip"):
        await town.say(answer, JOHN)
    [review] = await town.say(said, JOHN)
    assert line in review
