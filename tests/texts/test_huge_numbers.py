"""Numbers that are longer than anything that computes with them."""

import pytest

from texts.filters import Wording, write

WORDING = Wording("es", "EUR", lambda _name, _value: None)


@pytest.mark.parametrize("value", ["1e999999", "1E+28", "9" * 5000, 10**400, "-1e27"])
@pytest.mark.parametrize("spec", ["number", "money", "money JPY", ".2f", ",", "e"])
def test_a_huge_number_is_shown_as_it_is(value: object, spec: str) -> None:
    assert write(WORDING, "amount", value, spec).replace(",", "") == str(value)


@pytest.mark.parametrize(("value", "words"), [("1e23", 23), ("1e-999999", 0), ("-12.5", 1)])
def test_a_long_number_has_separators(value: str, words: int) -> None:
    assert sum(one.isdecimal() for one in write(WORDING, "amount", value, "number")) > words
