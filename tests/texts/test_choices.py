"""Which option people mean, and what they put around it."""

from collections.abc import Iterator

import pytest
from tests.sample import flows

from app.composition.catalogue import load_texts
from flow_engine import Flow
from flow_engine.registry import find_definitions
from flow_engine.state import CHANGE, GO_ON, RIGHT, START_AGAIN
from flow_engine.words import normalise
from services.conversations.opt_out import QUESTIONS
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
        ("ok wait", None),
        ("sí, espera", None),
        ("ok, um momento", None),
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
        ("the last one", None),
        ("tengo cédula de extranjería", "CE"),
        ("both of them", None),
        ("all", None),
        ("pasaporte no, cedula", "CC"),
        ("cedula, no pasaporte", "CC"),
        ("not the passport, the foreigner id", "CE"),
        ("no passport, only cc", "CC"),
        ("pasaporte no tengo; solo ce", "CE"),
        ("passaporte não, a cedula", "CC"),
        ("not the passport", None),
        ("pasaporte no, cedula no", None),
    ],
)
def test_an_option_in_a_sentence(shipped: Texts, text: str, option: str | None) -> None:
    assert shipped.option_in_sentence(*DOCUMENT, text) == option


@pytest.mark.parametrize("text", ["the last one", "el último", "the first", "a última"])
def test_a_question_without_options_has_no_last_one(shipped: Texts, text: str) -> None:
    assert shipped.option_by_place("registration.full_name", (), text) is None


@pytest.mark.parametrize("text", ["the first", "tá faltando o segundo nome", "the second name"])
def test_between_yes_and_no_are_no_places(shipped: Texts, text: str) -> None:
    assert shipped.option_by_place("registration.consent", ("yes", "no"), text) is None


def pairs() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the questions of all flows, and of the bot itself, that are answered yes or no."""
    yield from ((one.name, (one.options[0], one.options[1])) for one in QUESTIONS.values())
    for flow in find_definitions(flows).definitions:
        if not isinstance(flow, Flow):
            continue
        for step in flow.steps:
            options = flow.options(step.name)
            for pair in (("yes", "no"), (RIGHT, CHANGE), (GO_ON, START_AGAIN)):
                if set(pair) <= {*options}:
                    yield f"{flow.name}.{step.name}", pair


def answer(texts: Texts, name: str, pair: tuple[str, str], text: str) -> str | None:
    """Return which of a pair a text means: as in a form, or as the question of the bot itself."""
    if name not in QUESTIONS:
        return texts.match_option("en", name, pair, text)
    own = texts.decides(name, pair, text)
    word = texts.choices.yes_or_no(text) if own is None else own
    return pair[("yes", "no").index(word)] if word else None


def titles_of(texts: Texts, language: str, name: str, option: str) -> set[str]:
    found = texts.option_texts(language, name, option)
    return {normalise(one) for one in (found["title"], *found.get("also", ()))}


@pytest.mark.parametrize(("name", "pair"), [*pairs()])
def test_words_of_the_no_never_mean_the_yes(
    shipped: Texts, name: str, pair: tuple[str, str]
) -> None:
    """ "Yes, keep it" deleted everything, because a yes counted more than the title of the no."""
    groups = ("courtesy", "filler", "yes_start", "yes", "no")
    around = sorted(shipped.vocabulary.words(*groups))
    meaningless = shipped.vocabulary.words("courtesy", "filler", "yes", "no")
    wrong = []
    for language in sorted(shipped.languages):
        yes, no = (
            {" ".join(w for w in one.split() if w not in meaningless) for one in titles}
            for titles in (titles_of(shipped, language, name, one) for one in pair)
        )
        for words in sorted(filter(None, no - yes)):  # "no guardar" has a word of "sí, guardar"
            tried = [words, *(t for one in around for t in (f"{one} {words}", f"{words} {one}"))]
            wrong += [one for one in tried if answer(shipped, name, pair, one) == pair[0]]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("nah keep it", "no"),
        ("ok keep it", "no"),
        ("yes keep it", "no"),
        ("no no deja", "no"),
        ("sim mantém", "no"),
        ("pls delete it", "yes"),
        ("sí, bórralos", "yes"),
        ("yes", "yes"),
        ("don't delete it", "no"),
        ("no los borres", "no"),
        ("no problem, delete it", None),
        ("delete it, no wait, keep it", None),
        ("no, delete it", None),
        ("yes or keep it?", None),
    ],
)
def test_the_words_of_one_title_decide(shipped: Texts, text: str, meant: str | None) -> None:
    found = shipped.match_option("en", "delete_profile.sure", ("yes", "no"), text)
    assert found == meant
