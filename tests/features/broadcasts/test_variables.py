"""What goes into the places of a template, for each person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.user import User
from emulator.cloud_api.rules.template_parameters import check_parameters
from features.broadcasts.variables import (
    WrongVariables,
    misfit,
    preview,
    read_values,
    values_for,
)
from features.templates.model import Template
from features.templates.payload import components
from features.templates.rendering import render

ANA = User("ana", profile_name="Ana Gomez")
NOBODY = User("somebody")
BODY: dict[str, Any] = {"type": "BODY", "text": "Hi {{2}}, you owe {{1}}, {{2}}"}
FULL = Template(
    "1",
    "order",
    "en",
    components=[
        {"type": "HEADER", "format": "IMAGE"},
        BODY,
        {"type": "FOOTER", "text": "No reply"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "URL", "text": "See", "url": "https://example.com/{{1}}"},
                {"type": "COPY_CODE", "text": "Copy"},
            ],
        },
    ],
)
VALUES = {
    "header": "https://example.com/a.png",
    "1": "10",
    "2": "{full_name}",
    "button 1": "ana",
    "button 2": "TEN",
}
LINES = "\n".join(f"{name}: {value}" for name, value in VALUES.items())
NAMED = Template(
    "1",
    "until",
    "en",
    parameter_format="NAMED",
    components=[
        {"type": "HEADER", "format": "TEXT", "text": "For {{who}}"},
        {"type": "BODY", "text": "Until {{day}}"},
    ],
)
DISCOUNT = Template("1", "off", "en", components=[{"type": "BODY", "text": "Hi {{1}}, {{2}} off"}])


def test_every_place_is_asked_for() -> None:
    assert read_values(FULL, LINES) == VALUES
    with pytest.raises(WrongVariables, match="Variables lacks header, 1, 2, button 1, button 2"):
        read_values(FULL, "")
    with pytest.raises(WrongVariables, match="Variables lacks header, day"):
        read_values(NAMED, "")
    assert read_values(FULL, f"{LINES}\nbutton 0: stop")["button 0"] == "stop"


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "HEADER", "format": "LOCATION"}, "LOCATION"),
        ({"type": "HEADER", "format": "PRODUCT"}, "PRODUCT"),
        ({"type": "CAROUSEL", "cards": [{"components": []}] * 2}, "2 cards"),
        ({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"has_expiration": True}}, "offer"),
        *(
            ({"type": "BUTTONS", "buttons": [{"type": kind}]}, kind)
            for kind in ("MPM", "ORDER_DETAILS")
        ),
    ],
)
def test_a_part_that_a_broadcast_cannot_fill_is_named(part: dict[str, Any], reason: str) -> None:
    template = Template("1", "x", "en", components=[{"type": "BODY", "text": "Hello"}, part])
    with pytest.raises(WrongVariables, match=reason):
        read_values(template, "")


def test_what_is_filled_is_what_meta_takes() -> None:
    made = components(FULL, values_for(FULL, VALUES, ANA))
    check_parameters(FULL.components, made, named=False)
    [body] = [one for one in made if one["type"] == "body"]
    assert [one["text"] for one in body["parameters"]] == ["10", "Ana Gomez"]
    values = {"header": "{first_name}", "day": "Monday"}
    named = components(NAMED, values_for(NAMED, values, ANA))
    check_parameters(NAMED.components, named, named=True)


def test_people_without_a_name_get_the_words_given_for_them_or_nothing() -> None:
    values = {"header": "{first_name}", "day": "Monday"}
    assert misfit(NAMED, values, NOBODY) == "has no first name"
    assert misfit(NAMED, values, ANA) is None
    friendly = {"header": "{first_name|friend}", "day": "Monday"}
    assert misfit(NAMED, friendly, NOBODY) is None
    assert render(NAMED, values_for(NAMED, friendly, NOBODY)).startswith("For friend")
    assert render(NAMED, values_for(NAMED, friendly, ANA)).startswith("For Ana")


def test_a_name_that_is_too_long_for_the_header_is_noticed() -> None:
    values = {"header": "{first_name}", "day": "Monday"}
    reason = misfit(NAMED, values, User("long", profile_name="x" * 60))
    assert reason == "The filled header has 64 characters, and Meta takes 60."


@given(st.text(min_size=1))
def test_no_parameter_has_what_meta_refuses(value: str) -> None:
    values = {"header": value, "day": value}
    if misfit(NAMED, values, ANA) is None:
        made = components(NAMED, values_for(NAMED, values, ANA))
        check_parameters(NAMED.components, made, named=True)


@given(st.text())
def test_odd_variables_are_refused_in_words(written: str) -> None:
    with pytest.raises(WrongVariables):
        read_values(FULL, written)


@pytest.mark.parametrize(
    "written",
    [
        '{"1": "{first_name}", "2": "10 %"}',
        "1: {first_name}\n2: 10 %",
        "{{1}} = {first_name}\n2=10 %",
    ],
)
def test_variables_are_an_object_or_lines(written: str) -> None:
    values = read_values(DISCOUNT, written)
    assert values == {"1": "{first_name}", "2": "10 %"}
    assert preview(DISCOUNT, values) == "Hi {first_name}, 10 % off"


def test_a_line_without_a_name_is_quoted() -> None:
    with pytest.raises(WrongVariables, match="this line has no name: “Ana”"):
        read_values(DISCOUNT, "Ana")
