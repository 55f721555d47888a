"""Parameters of texts are said in the person's terms."""

import pytest

from texts.catalogue import MissingTextError, Texts

TEXTS = Texts(
    {
        "en": {
            "words": {},
            "common": {"date": "%d/%m/%Y"},
            "f": {
                "done": "{day:date}: {size:title}, {left:>3}, {day}",
                "plain": "{size}",
                "size": {"options": {"s": {"title": "Small"}}},
            },
        }
    }
)


def test_dates_and_options_are_said_as_they_were_asked() -> None:
    said = TEXTS.say("en", "f.done", {"day": "1990-12-25", "size": "s", "left": 5})
    assert said == "25/12/1990: Small,   5, 1990-12-25"


def test_what_is_no_date_and_no_option_is_said_as_it_is() -> None:
    said = TEXTS.say("en", "f.done", {"day": "soon", "size": "xl", "left": 5})
    assert said == "soon: xl,   5, soon"


def test_a_parameter_that_is_not_given_is_named() -> None:
    with pytest.raises(MissingTextError, match=r"names \{size\}; given are: day"):
        TEXTS.say("en", "f.done", {"day": "1990-12-25"})
