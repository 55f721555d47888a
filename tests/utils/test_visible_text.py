"""Which texts show nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.visible_text import BLANKS, is_blank

NOTHING = [
    "",
    " \n\t",
    "\u200b",
    "\u200d\ufe0f",
    "\u2060\ufeff",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\0",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_nobody_sees_is_blank(text: str) -> None:
    assert is_blank(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_what_somebody_sees_is_not(text: str) -> None:
    assert is_blank(text) == (set(text) <= BLANKS)


@pytest.mark.parametrize("text", ["0", "?", "👍", "é", "…", "🇨🇴", "1️⃣"])
def test_one_sign_is_enough(text: str) -> None:
    assert not is_blank(f"\u200b{text}\u200b")
