"""What people mean by short messages, whatever they write around the words."""

import pytest

from app.composition.catalogue import load_texts
from texts.catalogue import Texts

CONSENT = ("registration.consent", ("yes", "no"))
DOCUMENT = ("registration.id_type", ("CC", "CE", "PASSPORT"))


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return load_texts()


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("opt_out", "*STOP*"),
        ("opt_out", "\u201cSTOP\u201d"),
        ("opt_out", "STOP 🛑"),
        ("opt_out", "STOP\u200b"),
        ("opt_out", "please stop!!"),
        ("opt_out", "STOPALL"),
        ("opt_out", "Opt out"),
        ("opt_out", "REVOKE"),
        ("opt_out", "End"),
        ("opt_out", "*BAJA*"),
        ("opt_out", "quiero darme de baja, por favor"),
        ("opt_out", "ＳＴＯＰ"),  # noqa: RUF001
        ("opt_in", "*START*"),
        ("opt_in", "START 🙂"),
        ("opt_in", "\u201cStart\u201d"),
        ("menu", "/menu"),
        ("menu", "can I see the menu please"),
        ("menu", "\u00abmenú\u00bb"),
        ("cancel", "please cancel"),
        ("cancel", "cancel it"),
        ("cancel", "ya no quiero"),
        ("back", "go back"),
        ("back", "me equivoqué"),
        ("thanks", "Thank you so much!!"),
        ("thanks", "gracias 🙏🏽"),
        ("agreement", "👍🏿"),
        ("goodbye", "ok, bye"),
        ("complaint", "no sirves para nada"),
    ],
)
def test_a_word_counts_with_what_people_put_around_it(
    shipped: Texts, group: str, text: str
) -> None:
    assert shipped.is_word(group, text)


@pytest.mark.parametrize(
    "text",
    ["stop it please", "how do I stop these messages?", "the bus stop", "don't stop", "end of May"],
)
def test_a_sentence_about_stopping_is_no_opt_out(shipped: Texts, text: str) -> None:
    assert not shipped.is_word("opt_out", text)


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        ("yes please", "yes"),
        ("yeah", "yes"),
        ("sure", "yes"),
        ("👍", "yes"),
        ("no problem", "yes"),
        ("de una", "yes"),
        ("Sí, claro", "yes"),
        ("no thanks", "no"),
        ("No, gracias", "no"),
        ("👎🏻", "no"),
        ("claro que no", "no"),
        ("1️⃣", "yes"),
    ],
)
def test_yes_and_no_in_many_words(shipped: Texts, typed: str, option: str) -> None:
    assert shipped.match_option("en", *CONSENT, typed) == option


@pytest.mark.parametrize("typed", ["I do not know", "yes and no", "why?", "maybe", "🤔"])
def test_what_is_neither_yes_nor_no(shipped: Texts, typed: str) -> None:
    assert shipped.match_option("en", *CONSENT, typed) is None
    assert shipped.option_in_sentence(*CONSENT, typed) is None


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        ("I have a passport", "PASSPORT"),
        ("pues tengo la cédula", "CC"),
        ("mine is a foreigner card", "CE"),
        ("not a passport", None),
        ("what is a foreigner card?", None),
        ("passport or citizen card", None),
        ("I do not know what to answer", None),
    ],
)
def test_the_only_option_that_a_sentence_names(
    shipped: Texts, typed: str, option: str | None
) -> None:
    assert shipped.option_in_sentence(*DOCUMENT, typed) == option


@pytest.mark.parametrize(
    ("typed", "place"),
    [("3", 3), ("3.", 3), ("number 3", 3), ("the 3rd", 3), ("3º", 3), ("opción 3 por favor", 3)],
)
def test_an_option_by_its_place(shipped: Texts, typed: str, place: int) -> None:
    assert shipped.match_option("en", *DOCUMENT, typed) == DOCUMENT[1][place - 1]


@pytest.mark.parametrize("typed", ["three", "number three", "the third one", "la tercera"])
def test_in_a_form_a_place_may_be_said_in_words(shipped: Texts, typed: str) -> None:
    assert shipped.option_by_place(*DOCUMENT, typed) == DOCUMENT[1][2]
    assert shipped.match_option("en", *DOCUMENT, typed) is None  # a menu lies open for ever


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("español", "es"),
        ("en español por favor", "es"),
        ("English please", "en"),
        ("can we speak English?", "en"),
        ("I like English breakfast", None),
    ],
)
def test_the_language_that_somebody_asks_for(
    shipped: Texts, text: str, language: str | None
) -> None:
    assert shipped.vocabulary.language_named(text) == language
