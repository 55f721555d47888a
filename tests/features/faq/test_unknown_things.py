"""An entry that says nothing of the thing that is asked about is no answer, and may be near."""

import pytest

from features.faq.entry import FaqEntry
from features.faq.search import FaqIndex

PRICE = FaqEntry("What does it cost?", "It is free.", ("how much is it", "is it free"), "en")
PARKING = FaqEntry("Is there parking?", "Behind the house.", ("where can I park my car",), "en")
PRECIO = FaqEntry("¿Cuánto cuesta?", "Es gratis.", ("cuánto vale", "es gratis"), "es")
PRECO = FaqEntry("Quanto custa?", "É grátis.", ("quanto é", "é de graça"), "pt")
KNOWN = FaqIndex([PRICE, PRECIO, PRECO])


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("how much is the parking", "en"),
        ("how much is locker", "en"),
        ("is the parking free", "en"),
        ("what does lunch cost", "en"),
        ("¿cuánto cuesta el parqueadero?", "es"),
        ("cuanto vale el cafe", "es"),
        ("el parqueadero es gratis?", "es"),
        ("quanto custa a carteirinha", "pt"),
        ("o estacionamento é de graça?", "pt"),
    ],
)
def test_no_price_of_something_else_is_told(asked: str, language: str) -> None:
    found = KNOWN.find(asked, language, is_question=True)
    assert found.answer is None
    assert found.is_of_other or not found.suggestions


@pytest.mark.parametrize(
    ("asked", "language", "answer"),
    [
        ("how much is it", "en", PRICE),
        ("what does it cost on saturday", "en", PRICE),
        ("cuanto vale", "es", PRECIO),
        ("quanto custa", "pt", PRECO),
    ],
)
def test_the_price_of_what_is_known_is_told(asked: str, language: str, answer: FaqEntry) -> None:
    assert KNOWN.find(asked, language, is_question=True).answer is answer


def test_the_entry_of_the_thing_is_offered() -> None:
    found = FaqIndex([PRICE, PARKING]).find("how much is the parking", "en", is_question=True)
    assert found.answer is None
    assert PARKING in found.suggestions
