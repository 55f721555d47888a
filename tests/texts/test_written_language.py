"""An ordinary sentence shows its language; names, numbers and borrowed words do not."""

import pytest
from tests.fakes.understanding import Line, languages, read_corpus

from app.composition.catalogue import load_texts
from flow_engine.languages import LANGUAGES
from texts.catalogue import Texts

#: Words from which on a message of the corpus is a sentence.
SENTENCE_WORDS = 4
#: Share of the sentences of a language that are known to be in it, dates and names included.
SHARE = 0.8


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return load_texts()


@pytest.mark.parametrize("language", languages())
def test_sentences_of_the_corpus(shipped: Texts, language: str) -> None:
    lines = [one for one in read_corpus(language) if not one.expected.startswith("language ")]
    found = {one.text: shipped.written_language.of(one.text) for one in lines}
    assert {text for text, it in found.items() if it not in (None, language)} == set()
    sentences = [one for one in lines if _is_sentence(one)]
    share = sum(found[one.text] == language for one in sentences) / len(sentences)
    assert share > SHARE


def _is_sentence(line: Line) -> bool:
    return len(line.text.split()) >= SENTENCE_WORDS


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Cuándo abren?", "es"),
        ("buenas, tienen parqueadero", "es"),
        ("quiero saber a qué hora abren", "es"),
        ("Oi gente, vocês têm estacionamento?", "pt"),
        ("quanto custa a inscrição", "pt"),
        ("can i bring my dog", "en"),
        ("I'D LIKE TO KNOW THE PRICE", "en"),
        ("I want to visit the Casa do Alentejo in Lisboa", "en"),
        ("I love tapas and paella", "en"),
        ("I'd like to say hola to the team", "en"),
        ("quiero un brownie para llevar", "es"),
    ],
)
def test_sentences(shipped: Texts, text: str, language: str) -> None:
    assert shipped.written_language.of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        *("Juan de la Cruz", "maria de los angeles de la cruz", "João Conceição da Silva"),
        *("Ana Souza da Silva", "Grace May Rose", "Will Smith", "El Paso Texas", "Núñez"),
        *("la vida loca", "ok amigo", "muchas gracias my friend", "no problem amigo", "hola"),
        *("25 / 12 / 1990", "AB1020300", "", "👍👍👍", "12345 67890 123"),
        *("je voudrais savoir le prix", "kann ich das haben", "vorrei sapere il prezzo per favore"),
    ],
)
def test_what_shows_no_language(shipped: Texts, text: str) -> None:
    assert shipped.written_language.of(text) is None


def test_one_language_alone_is_told_from_nothing() -> None:
    texts = Texts({"en": {"words": {}}})
    assert texts.written_language.of("I want to know when you open") is None


def test_every_language_has_its_words() -> None:
    assert all(language.writing.words.split() for language in LANGUAGES.values())
