"""Names, numbers and dates are read as people write them."""

import gc
from datetime import date
from typing import Any
from weakref import ref

import pytest
from pydantic import TypeAdapter, ValidationError

from flow_engine import BirthDate, DocumentNumber, FullName
from flow_engine.answers import ONE_NAME
from flow_engine.readings import read_typed


def read(kind: Any, text: str) -> object:
    return TypeAdapter[object](kind).validate_python(text, context={ONE_NAME: False})


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("My name is Ana Perez", "Ana Perez"),
        ("Hola, soy Ana Pérez", "Ana Pérez"),
        ("i'm sean o'connor", "Sean O'Connor"),
        ("Meu nome é João da Silva", "João da Silva"),
        ("me llamo maría de la cruz", "María de la Cruz"),
        ("Soyla Perez", "Soyla Perez"),
        ("Ian Brown", "Ian Brown"),
        ("мар'яна прокоп'юк", "Мар'яна Прокоп'юк"),  # noqa: RUF001
        ("nur'aini binti ahmad", "Nur'aini Binti Ahmad"),
        ("O\u00b4Connor Sinead", "O'Connor Sinead"),
        ("jean-luc d`angelo", "Jean-Luc D'Angelo"),
        ("LA TOYA JACKSON", "La Toya Jackson"),
        ("王小明", "王小明"),
        ("Nguyen The Anh", "Nguyen The Anh"),
        ("Um Ji-won", "Um Ji-won"),
        ("Uma Bell", "Uma Bell"),
        ("its megan oconnor", "Megan Oconnor"),
        ("no its just megan oconnor", "Megan Oconnor"),
        ("thats Bob Stone", "Bob Stone"),
        ("pon pedro paramo", "Pedro Paramo"),
        ("no, es Pedro Páramo", "Pedro Páramo"),
        ("pode colocar ana souza", "Ana Souza"),
        ("coloca aí ana souza", "Ana Souza"),
        ("Justin Case", "Justin Case"),
        ("Itsuki Tanaka", "Itsuki Tanaka"),
        ("Ponce de León", "Ponce de León"),
        ("Noa Levi", "Noa Levi"),
    ],
)
def test_a_name_comes_in_a_sentence_or_alone(written: str, name: str) -> None:
    assert read(FullName, written) == name


@pytest.mark.parametrize("stored", ["Ana", "Pelé"])
def test_one_name_that_was_taken_is_read_again(stored: str) -> None:
    assert TypeAdapter(FullName).validate_python(stored) == stored


NO_FULL_NAMES = [
    *("Soy Ana", "my name is Ana", "me llamo", "AB1020300", "Ana 2"),
    *("no sé", "No lo sé.", "no entiendo", "ni idea"),
    *("no idea", "thanks a lot", "não sei", "sei lá"),
    *("el taller", "La feria", "the workshop", "os eventos", "las puertas abiertas"),
    *("my id card", "mi cedula", "meu documento", "stop asking"),
]


@pytest.mark.parametrize("written", NO_FULL_NAMES)
def test_what_is_no_full_name_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        read(FullName, written)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("my number is AB1020300", "AB1020300"),
        ("No 1020300", "1020300"),
        ("C.C. No. 1.020.300", "1020300"),
        ("cédula de ciudadanía: 1.020.300", "1020300"),
        ("ok ya: 561234567", "561234567"),
        ("o número do meu documento é 1020300", "1020300"),
        ("AB 1020300", "AB1020300"),
        ("N12345678", "N12345678"),
        ("\u202a1020300\u202c", "1020300"),
        ("١٠٢٠٣٠٠", "1020300"),
    ],
)
def test_a_number_comes_in_a_sentence_or_alone(written: str, number: str) -> None:
    assert read(DocumentNumber, written) == number


@pytest.mark.parametrize("written", ["no", "my number", "I do not know"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        read(DocumentNumber, written)


@pytest.mark.parametrize(
    "written",
    [
        "25\u201312\u20131990",
        "25\u201112\u20111990",
        "\u200e25/12/1990",
        "25/12/90",
        "12/25/1990",
        "25121990",
        "December 25th, 1990.",
        "dec 25 1990",
        "25 de diciembre de 1990",
        "Nací el 25 de dic. de 1990",
        "25 de dezembro de 1990",
        "1990 December 25",
        "٢٥/١٢/١٩٩٠",
    ],
)
def test_a_date_is_read_in_the_usual_ways(written: str) -> None:
    assert read(BirthDate, written) == date(1990, 12, 25)


def test_a_year_of_two_digits_is_the_latest_that_has_begun() -> None:
    assert read(BirthDate, "1/1/05") == date(2005, 1, 1)
    assert read(BirthDate, "1/1/99") == date(1999, 1, 1)


@pytest.mark.parametrize(
    "written",
    ["25", "251290", "25/13/1990", "31/02/1990", "may 1990", "tuesday 5 1990", "1/1/1", "990"],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        read(BirthDate, written)


@pytest.mark.parametrize(
    ("kind", "text"), [(BirthDate, "tomorrow"), (FullName, "4"), (DocumentNumber, "none")]
)
def test_a_refused_answer_keeps_nothing_of_its_turn(kind: Any, text: str) -> None:
    """What a frame holds is kept by an error that leads to it, and a turn holds the whole bot."""

    class Held: ...

    def refuse() -> "ref[Held]":
        held = Held()
        with pytest.raises(ValidationError):
            read_typed(TypeAdapter[object](kind), kind, text, {})
        return ref(held)

    held = refuse()
    gc.collect()
    assert held() is None
