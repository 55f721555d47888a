"""Which option people mean, and what they put around it."""

import pytest
from tests.sample import flows

from app.composition.catalogue import load_texts
from flow_engine.registry import find_definitions
from texts.catalogue import Texts

DOCUMENT = ("registration.id_type", ("CC", "CE", "PASSPORT"))


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return load_texts()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yesss", "yes"),
        ("no no no", "no"),
        ("Yes, please register me", "yes"),
        ("sí, por favor regístrame", "yes"),
        ("No, hoy no", "no"),
        ("no problem", "yes"),
        ("yes but only my name", None),
        ("sí pero no todo", None),
        ("no sé", None),
        ("is it ok?", None),
        ("si me llaman antes", None),
        ("", None),
    ],
)
def test_yes_or_no(shipped: Texts, text: str, meant: str | None) -> None:
    assert shipped.choices.yes_or_no(text) == meant


def test_no_words_that_start_something_are_a_yes(shipped: Texts) -> None:
    """They would agree to offers, or have all data deleted."""
    in_code = (one.triggers for one in find_definitions(flows).definitions)
    words = {one for known in (*in_code, *shipped.triggers.values()) for one in known}
    assert [one for one in sorted(words) if shipped.choices.yes_or_no(one) == "yes"] == []


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("passprt", "PASSPORT"),
        ("the last one", "PASSPORT"),
        ("tengo cédula de extranjería", "CE"),
        ("both of them", None),
        ("all", None),
    ],
)
def test_an_option_in_a_sentence(shipped: Texts, text: str, option: str | None) -> None:
    assert shipped.option_in_sentence(*DOCUMENT, text) == option


@pytest.mark.parametrize("text", ["the last one", "el último", "the first", "a última"])
def test_a_question_without_options_has_no_last_one(shipped: Texts, text: str) -> None:
    assert shipped.option_in_sentence("registration.full_name", (), text) is None
