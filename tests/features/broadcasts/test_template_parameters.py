"""What goes into the places of a template, for each person."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.user import User
from emulator.cloud_api.rules.template_parameters import check_parameters
from emulator.cloud_api.state.template_view import rendered
from features.broadcasts.template_parameters import (
    UnsupportedTemplate,
    WrongVariables,
    components,
    placeholders,
    preview,
    read_values,
)

ANA = User("ana", profile_name="Ana Gomez")
FULL: dict[str, Any] = {
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hi {{2}}, you owe {{1}}, {{2}}"},
        {"type": "FOOTER", "text": "No reply"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "URL", "text": "See", "url": "https://example.com/{{1}}"},
                {"type": "COPY_CODE", "text": "Copy"},
            ],
        },
    ]
}
VALUES = {
    "header": "https://example.com/a.png",
    "1": "10",
    "2": "{full_name}",
    "button 1": "ana",
    "button 2": "TEN",
}
NAMED: dict[str, Any] = {
    "parameter_format": "NAMED",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "For {{who}}"},
        {"type": "BODY", "text": "Until {{day}}"},
    ],
}


def test_every_place_is_found() -> None:
    assert sorted(placeholders(FULL)) == sorted(VALUES)
    assert list(placeholders(NAMED)) == ["header", "day"]
    assert list(placeholders({"components": [{"type": "BODY", "text": "Hello"}]})) == []


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "HEADER", "format": "LOCATION"}, "header of type LOCATION"),
        ({"type": "HEADER", "format": "PRODUCT"}, "header of type PRODUCT"),
        ({"type": "CAROUSEL", "cards": []}, "carousel"),
        ({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {}}, "limited time offer"),
        *(
            ({"type": "BUTTONS", "buttons": [{"type": kind}]}, f"button of type {kind}")
            for kind in ("FLOW", "MPM", "SPM", "CATALOG", "OTP", "ORDER_DETAILS")
        ),
    ],
)
def test_a_part_that_needs_more_than_texts_is_named(part: dict[str, Any], reason: str) -> None:
    body = {"type": "BODY", "text": "Hello"}
    with pytest.raises(UnsupportedTemplate, match=reason):
        read_values({"components": [body, part]}, "")


def test_what_is_filled_is_what_meta_takes() -> None:
    made = components(FULL, VALUES, ANA)
    check_parameters(FULL["components"], made, named=False)
    [body] = [one for one in made if one["type"] == "body"]
    assert [one["text"] for one in body["parameters"]] == ["10", "Ana Gomez"]
    named = components(NAMED, {"header": "{first_name}", "day": "Monday"}, ANA)
    check_parameters(NAMED["components"], named, named=True)


def test_a_phone_shows_what_a_person_reads() -> None:
    shown = rendered(FULL["components"], components(FULL, VALUES, ANA))
    assert shown["body"] == "Hi Ana Gomez, you owe 10, Ana Gomez"
    assert shown["file"]["image"]["link"] == VALUES["header"]
    assert shown["footer"] == "No reply"
    assert [one.get("url") for one in shown["buttons"]] == [None, "https://example.com/ana", None]
    named = components(NAMED, {"header": "{first_name}", "day": "Monday"}, ANA)
    assert rendered(NAMED["components"], named)["header"] == "For Ana"


def test_nothing_known_is_no_empty_parameter() -> None:
    [header, _] = components(NAMED, {"header": "{first_name}", "day": "x"}, User("somebody"))
    assert header["parameters"][0]["text"] == "-"


@given(st.text())
def test_no_parameter_has_what_meta_refuses(value: str) -> None:
    made = components(NAMED, {"header": value, "day": value}, ANA)
    for one in made:
        text = one["parameters"][0]["text"]
        assert text.strip()
        assert not {"\n", "\t"} & set(text)
        assert "    " not in text


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
    template = {"components": [{"type": "BODY", "text": "Hi {{1}}, {{2}} off"}]}
    values = read_values(template, written)
    assert values == {"1": "{first_name}", "2": "10 %"}
    assert preview(template, values) == "Hi {first_name}, 10 % off"


def test_a_line_without_a_name_is_quoted() -> None:
    template = {"components": [{"type": "BODY", "text": "Hi {{1}}"}]}
    with pytest.raises(WrongVariables, match="this line has no name: “Ana”"):
        read_values(template, "Ana")
