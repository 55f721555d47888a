"""Parts of a date among other words, and which of them replace those of a day."""

from datetime import date

import pytest

from flow_engine.date_tokens import date_tokens

STORED = date(1990, 12, 25)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nasci em 97", {"year": 1997}),
        ("born in '97 not 90", {"year": 1997}),
        ("mil novecientos noventa y siete", {"year": 1997}),
        ("the 26th", {"day": 26}),
        ("el 26, no el 25", {"day": 26}),
        ("es 05 no 90", {"year": 2005}),
        ("noviembre no diciembre", {"month": 11}),
        ("3 de mayo", {"day": 3, "month": 5}),
        ("25 90", {}),
        ("nací en 05", None),
        ("97 o 98", None),
    ],
)
def test_other_parts(text: str, parts: dict[str, int] | None) -> None:
    tokens = date_tokens(text)
    assert tokens is not None
    assert tokens.other_parts(STORED, 2026) == parts


@pytest.mark.parametrize("text", ["no date", "AB1020", "it ends in 301", "Marcos", "0"])
def test_no_tokens(text: str) -> None:
    assert date_tokens(text) is None


@pytest.mark.parametrize(("text", "is_denied"), [("97 not 90", True), ("97", False), ("90", False)])
def test_a_stored_part_beside_another_is_denied(text: str, is_denied: bool) -> None:
    tokens = date_tokens(text)
    assert tokens is not None
    assert tokens.denies(STORED) is is_denied
