"""Long texts become messages that read well and lose nothing."""

import re

import regex
from hypothesis import given
from hypothesis import strategies as st

from schemas.cloud_api_limits import utf16_length
from texts.splitting import FENCE, split_text

alphabet = st.sampled_from("ab c\n`é🎉\u0301\u200d👩")


def bare(text: str) -> str:
    return re.sub(r"[\s`]", "", text)


@given(st.text(alphabet, max_size=400), st.integers(30, 80))
def test_every_message_fits_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(0 < utf16_length(part) <= limit and part.strip() for part in parts)
    assert "".join(map(bare, parts)) == bare(text)


@given(st.text(st.sampled_from("ab c\n"), max_size=400), st.integers(30, 80))
def test_code_blocks_are_closed_and_opened_again(code: str, limit: int) -> None:
    text = f"before\n{FENCE}\n{code}\n{FENCE}\nafter"
    assert all(part.count(FENCE) % 2 == 0 for part in split_text(text, limit))


@given(st.text(st.sampled_from("🎉👩é\u0301"), min_size=1, max_size=200))
def test_graphemes_stay_whole(text: str) -> None:
    whole = regex.findall(r"\X", text)
    if max(map(utf16_length, whole)) > 26:
        return
    parted = [grapheme for part in split_text(text, 30) for grapheme in regex.findall(r"\X", part)]
    assert parted == whole


def test_a_short_text_is_one_message() -> None:
    assert split_text("  hello\n\nworld ") == ["hello\n\nworld"]


def test_nothing_is_no_message() -> None:
    assert split_text(" \n ") == []


def test_the_limit_is_reached_exactly() -> None:
    assert [len(part) for part in split_text("a" * 4096)] == [4096]
    assert len(split_text("a" * 4097)) == 2


def test_paragraphs_are_cut_before_lines_and_lines_before_words() -> None:
    assert split_text("one two\n\nthree four\nfive six", 24) == ["one two", "three four\nfive six"]
    assert split_text("one two\nthree four", 17) == ["one two", "three four"]
    assert split_text("one two three four", 16) == ["one two", "three four"]
