"""Questions find their answer in other words, with typos, in two languages; or they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.faq.entry import FaqEntry
from features.faq.search import FaqIndex, SearchResult

OPENING = FaqEntry(
    "What are your opening hours?",
    "From 9 to 18 h.",
    ("when do you open", "are you open on saturday", "at what time do you close"),
    "en",
)
PARKING = FaqEntry("Is there parking?", "Behind the house.", ("where can I park my car",), "en")
PRICE = FaqEntry("How much is the course?", "40 euros.", ("price of the course", "cost"), "en")
HORARIO = FaqEntry("¿Cuál es el horario?", "De 9 a 18 h.", ("a qué hora abren", "abierto"), "es")
ANYWHERE = FaqEntry("WiFi", "guest / guest")
KNOWLEDGE = FaqIndex([OPENING, PARKING, PRICE, HORARIO, ANYWHERE])


@pytest.mark.parametrize(
    ("asked", "language", "answer"),
    [
        ("What are your opening hours?", "en", OPENING),
        ("opening hours", "en", OPENING),
        ("when do you open on Saturday?", "en", OPENING),
        ("openning hour", "en", OPENING),
        ("can i park there", "en", PARKING),
        ("what does the course cost?", "en", PRICE),
        ("¿Cual es el horario?", "es", HORARIO),
        ("¿a qué hora abren?", "es", HORARIO),
    ],
)
def test_answers(asked: str, language: str, answer: FaqEntry) -> None:
    assert KNOWLEDGE.find(asked, language) == SearchResult(answer)


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("I would like to adopt a penguin", "en"),
        ("what is it", "en"),
        ("", "en"),
        ("?!", "en"),
        ("ok", "en"),
    ],
)
def test_nothing_is_made_up(asked: str, language: str) -> None:
    assert KNOWLEDGE.find(asked, language) == SearchResult()


def test_what_is_only_near_is_offered() -> None:
    found = KNOWLEDGE.find("parking hours", "en")
    assert found.answer is None
    assert set(found.suggestions) == {PARKING, OPENING}


@pytest.mark.parametrize(
    ("asked", "language", "near"),
    [
        ("parking", "en", PARKING),
        ("horarios", "es", HORARIO),
        ("wifi?", "en", ANYWHERE),
        ("wifi?", "es", ANYWHERE),
    ],
)
def test_one_word_may_mean_anything_and_gets_suggestions(
    asked: str, language: str, near: FaqEntry
) -> None:
    found = KNOWLEDGE.find(asked, language)
    assert found.answer is None
    assert near in found.suggestions


@pytest.mark.parametrize(
    ("asked", "language", "answer"),
    [
        ("when do you open on Saturday?", "es", OPENING),
        ("¿a qué hora abren?", "en", HORARIO),
    ],
)
def test_the_entries_of_all_languages_are_searched(
    asked: str, language: str, answer: FaqEntry
) -> None:
    assert KNOWLEDGE.find(asked, language) == SearchResult(answer)


def test_a_sentence_that_denies_something_gets_suggestions_only() -> None:
    found = KNOWLEDGE.find("I do not want to park there", "en", is_sure=False)
    assert found.answer is None


def test_an_entry_keeps_its_id_while_its_answer_changes() -> None:
    changed = FaqEntry(PARKING.question, "In the yard.")
    assert KNOWLEDGE.get(changed.id) == PARKING
    assert KNOWLEDGE.get("unknown") is None


@given(st.text(max_size=300))
def test_any_text_can_be_asked(text: str) -> None:
    KNOWLEDGE.find(text, "en")


def test_a_wording_that_denies_is_found_only_by_those_who_deny() -> None:
    refund = FaqEntry("Do you refund?", "Yes.", ("I cannot come to the course",), "en")
    index = FaqIndex([refund, OPENING], lambda words: "cannot" in words)
    assert index.find("I cannot come to the course today", "en").answer is refund
    found = index.find("I want to come to the course", "en")
    assert found == index.with_entries([refund, OPENING]).find("I would come to the course", "en")
    assert found == SearchResult()


def test_what_an_entry_asks_is_not_left_out_as_courtesy() -> None:
    event = FaqEntry("When are the events?", "On Saturday.", ("when is it",), "en")
    found = FaqIndex([event, OPENING]).find(
        "when is it open", "en", ["when is it open", "when is it"]
    )
    assert found.answer is not event
