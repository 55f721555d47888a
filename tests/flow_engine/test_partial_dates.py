"""Of a date of which people give a part, the rest is asked."""

import pytest

from flow_engine.dates import iso_date
from flow_engine.partial_dates import completed, key_of_rest, partial_date


@pytest.mark.parametrize(
    ("given", "asked", "rest", "day"),
    [
        ("nací un 3 de marzo", "year", "del 90", "1990-03-03"),
        ("my birthday is 3/4", "year", "in 1990", "1990-04-03"),
        ("3 de março", "year", "noventa e dois", "1992-03-03"),
        ("I was born in march 90", "day", "the 5th", "1990-03-05"),
        ("marzo del 1985", "day", "5", "1985-03-05"),
        ("1990", "month", "3 march", "1990-03-03"),
        ("it was in 1990", "month", "3/4", "1990-04-03"),
    ],
)
def test_the_rest_of_a_date_completes_it(given: str, asked: str, rest: str, day: str) -> None:
    part = partial_date(given)
    assert part is not None
    assert part.missing == asked
    assert key_of_rest(part.known) == f"common.which_{asked}"
    assert iso_date(completed(part.known, rest)) == day


@pytest.mark.parametrize(
    "text", ["", "hello", "41/13", "0/5", "3 sisters", "5 may 1990", "march", "45", "12345", "3000"]
)
def test_what_is_no_part_of_a_date_is_none(text: str) -> None:
    assert partial_date(text) is None


@pytest.mark.parametrize("text", ["nací un 3 de marzo de 1985", "nasci num 3 de março de 1985"])
def test_an_article_before_a_day_is_no_number(text: str) -> None:
    assert iso_date(text.replace("num", "um")) == "1985-03-03"
