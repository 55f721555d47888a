"""Parameters of texts are said in the person's terms."""

import subprocess
import sys

import pytest

from texts.catalogue import Texts
from texts.filters import filter_problem
from texts.sayings import MissingTextError


def texts(text: str, locale: str = "en_001", currency: str = "USD") -> Texts:
    """One text, f.done, in one language."""
    sizes = {"s": {"title": "Small"}, "m": {"title": "Medium"}, "l": {"title": "Large"}}
    flow = {"done": text, "size": {"options": sizes}}
    return Texts({"en": {"words": {}, "common": {"locale": locale}, "f": flow}}, currency=currency)


PLACE = {"latitude": 4.6, "longitude": -74.0, "name": "Harbour", "address": "26 Quay"}


@pytest.mark.parametrize(
    ("locale", "text", "value", "said"),
    [
        ("en_001", "{a:date}", "1990-05-03", "3 May 1990"),
        ("en_US", "{a:date}", "1990-05-03", "May 3, 1990"),
        ("es", "{a:date}", "1990-05-03", "3 de mayo de 1990"),
        ("pt_BR", "{a:date}", "1990-05-03", "3 de maio de 1990"),
        ("es", "{a:date short}", "1990-05-03", "3/5/90"),
        ("en_001", "{a:date full}", "1990-05-03", "Thursday, 3 May 1990"),
        ("en_001", "{a:time}", "16:30", "4:30\u202fpm"),
        ("es", "{a:time}", "16:30", "16:30"),
        ("en_US", "{a:money}", 1250.5, "$1,250.50"),
        ("es", "{a:money EUR}", "1250.5", "1.250,50\xa0€"),
        ("en_US", "{a:number}", 12500, "12,500"),
        ("es", "{a:number}", 12500, "12.500"),
        ("en_001", "{size:title}", "s", "Small"),
        ("en_001", "{size:title}", ["s", "l"], "Small and Large"),
        ("es", "{size:title}", ["s", "m", "l"], "Small, Medium y Large"),
        ("en_001", "{a:first}", "Ana Gómez", "Ana"),
        ("en_001", "{a}", PLACE, "Harbour, 26 Quay"),
        ("en_001", "({a})", None, "()"),
        ("en_001", "{a:>3}", 5, "5"),
    ],
)
def test_answers_are_said_as_people_say_them(
    locale: str, text: str, value: object, said: str
) -> None:
    assert texts(text, locale).say("en", "f.done", {"a": value, "size": value}) == said


def test_the_currency_of_a_setting_is_used() -> None:
    assert texts("{price:money}", "en_US", "COP").say("en", "f.done", {"price": 5}) == "COP5"


def test_what_a_filter_cannot_read_is_said_as_it_is() -> None:
    text = "{day:date}, {size:title}, {price:money}, {n:number}, {at:time}, {name:.2f}"
    given = {"day": "soon", "size": "xl", "price": "much", "n": "many", "at": "late", "name": "A"}
    assert texts(text).say("en", "f.done", given) == "soon, xl, much, many, late, A"


def test_a_parameter_that_is_not_given_is_named() -> None:
    with pytest.raises(MissingTextError, match=r"names \{size\}; given are: day"):
        texts("{day:date}{size}").say("en", "f.done", {"day": "1990-12-25"})


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("", None),
        ("date", None),
        ("date full", None),
        ("money EUR", None),
        (".2f", None),
        (">3", None),
        ("03d", None),
        ("{size}", 'the filter "{size}" is unknown'),
        (">999999999", 'the filter ">999999999" is unknown'),
        (".999999999f", 'the filter ".999999999f" is unknown'),
        ("dat", 'the filter "dat" is unknown; did you mean "date"?'),
        ("money EURO", "no such currency: EURO"),
        ("date lang", 'no such date: lang; did you mean "long"?'),
        ("first name", 'the filter "first" has no argument, so not "name"'),
    ],
)
def test_a_wrong_filter_is_told(spec: str, problem: str | None) -> None:
    assert filter_problem(spec) == problem


def test_babel_is_imported_only_where_it_is_used() -> None:
    script = "import sys, texts.catalogue, app.checks.texts; sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
