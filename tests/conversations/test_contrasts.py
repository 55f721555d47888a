"""Corrections that name both answers: "es Ana Ruiz no Ana Rios"."""

from datetime import date
from typing import Literal

import pytest
from pydantic import BaseModel

from app.composition.catalogue import load_texts
from flow_engine import Ask, Flow, FlowState, NextDays, Review
from flow_engine.fields import BirthDate, DocumentNumber, FullName
from services.conversations.contrasts import contrast

TODAY = date(2026, 11, 28)  # a Saturday
TEXTS = load_texts()


class Form(BaseModel):
    full_name: FullName
    id_type: Literal["CC", "CE", "PASSPORT"]
    id_number: DocumentNumber
    guests: int
    day: str
    birth_date: BirthDate


# The name of the registration, whose texts name the options.
FORM = Flow(
    name="registration",
    version=1,
    form=Form,
    steps=(
        *map(Ask, ("full_name", "id_type", "id_number", "guests")),
        Ask("day", options_from=NextDays(10)),
        Ask("birth_date"),
        Review(),
    ),
    finish=lambda _: (),
)
ANSWERS = {
    "full_name": "Ana Rios",
    "id_type": "CC",
    "id_number": "AB1020399",
    "guests": 16,
    "day": "2026-11-29",
    "birth_date": "1990-12-25",
}


def other(text: str, **changes: object) -> tuple[str, str] | None:
    state = FlowState(flow="registration", version=1, step="review", answers={**ANSWERS, **changes})
    return contrast(TEXTS, FORM, state, text, TODAY)


@pytest.mark.parametrize(
    ("text", "step", "answer"),
    [
        ("es Ana Ruiz no Ana Rios", "full_name", "Ana Ruiz"),
        ("its Ana Ruiz not Ana Rios", "full_name", "Ana Ruiz"),
        ("no es Ana Rios, es Ana Ruiz", "full_name", "Ana Ruiz"),
        ("é Ana Ruiz, não Ana Rios", "full_name", "Ana Ruiz"),
        ("Ruiz no Rios", "full_name", "Ana Ruiz"),
        ("it's Ruiz, not Rios sorry", "full_name", "Ana Ruiz"),
        ("não é Rios é Ruiz", "full_name", "Ana Ruiz"),
        ("no es Rios sino Ruiz", "full_name", "Ana Ruiz"),
        ("its 15 not 16", "guests", "15"),
        ("15 not 16", "guests", "15"),
        ("not 16 but 15", "guests", "15"),
        ("son 15 no 16", "guests", "15"),
        ("somos 15 y no 16", "guests", "15"),
        ("são 15, não 16", "guests", "15"),
        ("não é 16 é 15", "guests", "15"),
        ("não é amanhã é sexta", "day", "2026-12-04"),
        ("no es mañana es el viernes", "day", "2026-12-04"),
        ("not tomorrow, friday", "day", "2026-12-04"),
        ("friday not sunday", "day", "2026-12-04"),
        ("it's a passport not a citizen id", "id_type", "PASSPORT"),
        ("no es cédula, es pasaporte", "id_type", "PASSPORT"),
        ("passaporte e não CC", "id_type", "PASSPORT"),
        ("it's 24 not 25", "birth_date", "1990-12-24"),
        ("1991 not 1990", "birth_date", "1991-12-25"),
        ("es noviembre no diciembre", "birth_date", "1990-11-25"),
        ("it ends in 98 not 99", "id_number", "AB1020398"),
        ("AB1020398 not AB1020399", "id_number", "AB1020398"),
    ],
)
def test_what_is_denied_is_replaced(text: str, step: str, answer: str) -> None:
    assert other(text) == (step, answer)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no gracias",
        "not now",
        "no me llamo así",
        "it is not right",
        "es Ana Ruiz no Marta Rios?",
        "its 15 not 17",
        "não é domingo de novo é sempre igual aqui nesta cidade onde nada muda nunca mesmo",
        "I like music not books",
        "no es Ana Rios",
    ],
)
def test_what_denies_no_answer_changes_none(text: str) -> None:
    assert other(text) is None
