"""One number in several ways of writing is one number, and no two become one by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phone import canonical, digits_of, other_writing, writings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+52 1 55 1234 5678", "+52 55 1234 5678"),
        ("5511987654321", "551187654321"),
        ("+54 9 11 1234-5678", "+54 11 1234-5678"),
        ("+54 11 15 1234-5678", "+54 9 11 1234-5678"),
        ("+54 351 15 123-4567", "+54 9 351 123-4567"),
        ("+54 2901 15 12-3456", "+54 9 2901 12-3456"),
        ("+229 01 9012 3456", "+229 9012 3456"),
        ("+57 300 123 4567", "573001234567"),
    ],
)
def test_ways_to_write_one_number(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511987654321", "5511987654322"),
        ("5511887654321", "551187654321"),  # no mobile number: its eight belongs to it
        ("5511931234567", "551131234567"),  # a mobile number and a landline
        ("521551234567", "52551234567"),  # too short to be Mexican
        ("15551234567", "5551234567"),
        ("4915112345678", "4915112345679"),
    ],
)
def test_numbers_that_are_two(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text(alphabet="0123456789 +-()", max_size=25))
def test_what_is_canonical_stays_so(number: str) -> None:
    digits = "".join(filter(str.isdigit, number))
    assert canonical(number) in (canonical(digits), digits)
    assert {canonical(number), canonical(digits)} == {canonical(number)}


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("+44 (0)7700 900123", "447700900123"),
        ("0044 7700 900123", "447700900123"),
        ("+57 300 123-4567", "573001234567"),
    ],
)
def test_numbers_as_people_write_them(written: str, digits: str) -> None:
    assert digits_of(written) == digits


@pytest.mark.parametrize(
    ("digits", "other"),
    [
        ("5491112345678", "541112345678"),
        ("5215512345678", "525512345678"),
        ("573001234567", None),
    ],
)
def test_another_way_to_write_a_number(digits: str, other: str | None) -> None:
    assert other_writing(digits) == other


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("5215512345678", "525512345678"),
        ("5511987654321", "551187654321"),
        ("5491112345678", "541112345678"),
        ("2290190123456", "22990123456"),
        ("573001234567", "573001234567"),
    ],
)
def test_whatever_whatsapp_writes_is_among_the_writings(long: str, short: str) -> None:
    for one in (long, short):
        assert writings(one)[0] == one
        assert {long, short} == {*writings(one)}


@given(st.from_regex(r"[0-9]{6,15}", fullmatch=True))
def test_all_writings_are_one_number(digits: str) -> None:
    assert {canonical(one) for one in writings(digits)} == {canonical(digits)}
