"""Patterns, typos and numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flow_engine.phrases import MAX_PHRASES, Phrases, expand, expand_all, is_made_of
from flow_engine.sentences import count_in
from flow_engine.spoken_numbers import with_numbers
from flow_engine.typos import MAX_WORDS, Typos, all_unstretched, is_typo, unstretched
from flow_engine.words import normalise

#: Few letters, so that words are often alike.
WORDS = st.text("aab", min_size=1, max_size=3)
LONG_WORDS = st.text("abcd", min_size=4, max_size=7)


def phrases_of(words: st.SearchStrategy[str], most: int) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.lists(words, min_size=1, max_size=most).map(" ".join), max_size=12)


def test_a_pattern_stands_for_its_phrases() -> None:
    assert {*expand("(talk|speak) to [a] person")} == {
        "talk to person",
        "talk to a person",
        "speak to person",
        "speak to a person",
    }
    assert expand_all(["don't"]) == {"don't", "dont"}


def test_a_pattern_has_a_limit() -> None:
    with pytest.raises(ValueError, match=str(MAX_PHRASES)):
        list(expand("(a|b|c|d) " * 8))


@pytest.mark.parametrize("pattern", ["(a|b", "a] b", "a (b [c])", "()"])
def test_brackets_have_partners(pattern: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        list(expand(pattern))


def test_a_message_is_made_of_phrases_from_end_to_end() -> None:
    wanted, others = Phrases(frozenset({"thank you"})), Phrases(frozenset({"ok", "so much"}))
    assert is_made_of(["ok", "thank", "you", "so", "much"], wanted, others)
    assert not is_made_of(["ok", "thank", "you", "for", "nothing"], wanted, others)
    assert not is_made_of(["ok"], wanted, others)


@pytest.mark.parametrize(
    ("written", "word"),
    [("regster", "register"), ("cancle", "cancel"), ("huamn", "human"), ("stpo", "stop")],
)
def test_one_letter_may_be_wrong(written: str, word: str) -> None:
    assert is_typo(written, word)
    assert Typos([word]).find(written) == word


@pytest.mark.parametrize(
    ("written", "word"),
    [("shop", "stop"), ("top", "stop"), ("tomas", "temas"), ("stop", "stop"), ("dog", "god")],
)
def test_another_word_is_no_typo(written: str, word: str) -> None:
    assert not is_typo(written, word)


@pytest.mark.parametrize(
    ("stretched", "plain"),
    [("heyyy", "hey"), ("no no", "no"), ("jajajaja", "ja"), ("👏👏", "👏"), ("kkkkkk", "kkk")],
)
def test_stretched_letters_and_repeated_words_do_not_matter(stretched: str, plain: str) -> None:
    assert unstretched(stretched) == plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("December twenty-fifth, nineteen ninety", "december 25 1990"),
        ("veinticinco de diciembre de mil novecientos noventa", "25 de diciembre de 1990"),
        ("vinte e cinco de dezembro de mil novecentos e noventa", "25 de dezembro de 1990"),
        ("two and three", "2 and 3"),
        ("two thousand and one", "2001"),
        ("ciento veinte", "120"),
    ],
)
def test_numbers_in_words(text: str, words: str) -> None:
    assert with_numbers(text) == words.split()


@pytest.mark.parametrize(
    ("text", "count"),
    [("a table for four", "4"), ("una mesa para cuatro", "4"), ("2 or 3", None), ("many", None)],
)
def test_the_only_number_of_a_sentence(text: str, count: str | None) -> None:
    assert count_in(text) == count


@given(st.text(max_size=300))
def test_any_text_has_words(text: str) -> None:
    with_numbers(text)
    unstretched(text)


@given(phrases_of(WORDS, 3), st.lists(st.lists(WORDS, max_size=2).map(" ".join), max_size=8))
def test_phrases_are_found_at_all_their_places(phrases: frozenset[str], words: list[str]) -> None:
    places = [(start, end) for start in range(8) for end in range(start + 1, len(words) + 1)]
    expected = [(start, end) for start, end in places if " ".join(words[start:end]) in phrases]
    longest = max((one.count(" ") + 1 for one in phrases), default=0)
    assert [*Phrases(phrases).find(words)] == [
        (start, end) for start, end in expected if end - start <= longest
    ]


@given(phrases_of(LONG_WORDS, 4), st.lists(LONG_WORDS, min_size=1, max_size=4).map(" ".join))
def test_a_phrase_has_a_typo_if_one_of_its_words_has(phrases: frozenset[str], written: str) -> None:
    def is_near(phrase: str) -> bool:
        words, others = written.split(), phrase.split()
        wrong = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
        return len(words) == len(others) <= MAX_WORDS and len(wrong) == 1 and is_typo(*wrong[0])

    assert {*Typos(phrases).near(written)} == {*filter(is_near, phrases)}


@given(st.lists(st.text(" kajx👏", max_size=12).map(normalise)))
def test_many_phrases_lose_their_stretched_letters_as_each_of_them_does(phrases: list[str]) -> None:
    assert [*all_unstretched(phrases)] == [*map(unstretched, phrases)]


@given(st.text(st.characters(max_codepoint=127), max_size=30))
def test_plain_words_are_normalised_like_all_others(text: str) -> None:
    invisible = "\u200b"
    assert normalise(text) == normalise(text + invisible)
