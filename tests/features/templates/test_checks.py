"""Each reason why a template cannot be sent, with its field; and what a person would read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from features.templates.checks import check_send
from features.templates.model import (
    CardValues,
    FileValue,
    FlowValue,
    PlaceValue,
    ProblemCode,
    ProductSection,
    ProductsValue,
    Template,
    TemplateValues,
)
from features.templates.payload import components
from features.templates.rendering import render

END = datetime(2026, 12, 1, 18, tzinfo=UTC)


def made(*components: dict[str, Any], **more: Any) -> Template:
    body = {"type": "BODY", "text": "Hello"}
    with_body = components if any(x["type"] == "BODY" for x in components) else (body, *components)
    return Template("1", "order", "en", components=list(with_body), **more)


def body(text: str, **more: Any) -> Template:
    return made({"type": "BODY", "text": text}, **more)


def button(kind: str, **more: Any) -> Template:
    return made({"type": "BUTTONS", "buttons": [{"type": kind, "text": "Go", **more}]})


def header(form: str, text: str = "") -> Template:
    return made({"type": "HEADER", "format": form, "text": text})


TWO = body("Hi {{1}}, {{2}} now")
NAMED = body("Hi {{who}}, {{total}} now", parameter_format="NAMED")
LINK = button("URL", url="https://e.org/{{1}}")
CARD = {"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}!"}]}
CARDS = made({"type": "CAROUSEL", "cards": [CARD, CARD]})
OFFER = made(
    {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends", "has_expiration": True}}
)
LOGIN = made(
    {"type": "BODY", "text": "*{{1}}* is your code."},
    {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]},
    category="AUTHENTICATION",
)
MPM = button("MPM")
CALL, COPY, FLOW = button("PHONE_NUMBER"), button("COPY_CODE"), button("FLOW")
PICTURE = FileValue(link="https://e.org/a.png")
BREAD = ProductSection("Bread", ["sku"])


CASES: list[tuple[Template, TemplateValues, str, str]] = [
    (body("Hi", status="REJECTED"), TemplateValues(), "not_approved", "template"),
    (body("Hi", status="PAUSED"), TemplateValues(), "paused", "template"),
    (body("Hi", status="DISABLED"), TemplateValues(), "disabled", "template"),
    (body("Hi", status="DELETED"), TemplateValues(), "deleted", "template"),
    (made({"type": "NEW_PART"}), TemplateValues(), "part_unsupported", "template"),
    (button("ORDER_DETAILS"), TemplateValues(), "part_unsupported", "buttons.0"),
    (header("GIF"), TemplateValues(header=PICTURE), "part_unsupported", "header"),
    (NAMED, TemplateValues(["Ana", "10"]), "parameters_unnamed", "parameters"),
    (TWO, TemplateValues(["Ana"]), "parameter_missing", "parameters[1]"),
    (NAMED, TemplateValues({"who": "Ana"}), "parameter_missing", "parameters.total"),
    (TWO, TemplateValues(["Ana", "10", "x"]), "parameter_unknown", "parameters[2]"),
    (
        NAMED,
        TemplateValues({"who": "a", "total": "b", "more": "c"}),
        "parameter_unknown",
        "parameters.more",
    ),
    (TWO, TemplateValues(["Ana", " \n"]), "parameter_empty", "parameters[1]"),
    (NAMED, TemplateValues({"who": "", "total": "1"}), "parameter_empty", "parameters.who"),
    (TWO, TemplateValues(["x" * 1024, "1"]), "text_too_long", "parameters"),
    (header("IMAGE"), TemplateValues(), "header_missing", "header"),
    (header("TEXT", "For {{1}}"), TemplateValues(), "header_missing", "header"),
    (header("TEXT", "Order"), TemplateValues(header="x"), "header_unexpected", "header"),
    (header("IMAGE"), TemplateValues(header="x"), "header_kind", "header"),
    (header("TEXT", "For {{1}}"), TemplateValues(header=PICTURE), "header_kind", "header"),
    (header("IMAGE"), TemplateValues(header=FileValue()), "file_invalid", "header"),
    (header("IMAGE"), TemplateValues(header=FileValue("file:///a")), "file_invalid", "header"),
    (header("IMAGE"), TemplateValues(header=FileValue("https://[")), "file_invalid", "header"),
    (
        header("LOCATION"),
        TemplateValues(header=PlaceValue(91, 0, "a", "b")),
        "place_invalid",
        "header",
    ),
    (LINK, TemplateValues(), "button_missing", "buttons.0"),
    (LINK, TemplateValues(buttons={0: " "}), "parameter_empty", "buttons.0"),
    (LINK, TemplateValues(buttons={0: FlowValue()}), "button_kind", "buttons.0"),
    (LINK, TemplateValues(buttons={0: "a", 1: "b"}), "button_unexpected", "buttons.1"),
    (CALL, TemplateValues(buttons={0: "a"}), "button_unexpected", "buttons.0"),
    (COPY, TemplateValues(buttons={0: "x" * 16}), "button_too_long", "buttons.0"),
    (
        button("QUICK_REPLY"),
        TemplateValues(buttons={0: "x" * 257}),
        "button_too_long",
        "buttons.0",
    ),
    (FLOW, TemplateValues(buttons={0: FlowValue("")}), "parameter_empty", "buttons.0"),
    (MPM, TemplateValues(buttons={0: ProductsValue("a")}), "products_invalid", "buttons.0"),
    (
        MPM,
        TemplateValues(buttons={0: ProductsValue("", [BREAD])}),
        "products_invalid",
        "buttons.0",
    ),
    (
        button("CATALOG"),
        TemplateValues(buttons={0: ProductsValue("a", [BREAD])}),
        "products_invalid",
        "buttons.0",
    ),
    (CARDS, TemplateValues(cards=[CardValues(PICTURE, ["a"])]), "cards_count", "cards"),
    (TWO, TemplateValues(["a", "b"], cards=[CardValues()]), "cards_unexpected", "cards"),
    (
        CARDS,
        TemplateValues(cards=[CardValues(PICTURE, ["a"]), CardValues(PICTURE, [""])]),
        "parameter_empty",
        "cards[1].parameters[0]",
    ),
    (
        CARDS,
        TemplateValues(cards=[CardValues(PICTURE, ["a"]), CardValues(None, ["a"])]),
        "header_missing",
        "cards[1].header",
    ),
    (OFFER, TemplateValues(), "offer_expiry_missing", "offer_ends_at"),
    (
        body("Hi"),
        TemplateValues(offer_ends_at=END),
        "offer_expiry_unexpected",
        "offer_ends_at",
    ),
    (LOGIN, TemplateValues(["x" * 16]), "login_code_invalid", "parameters"),
]
#: Codes of templates that are to be created come after this one.
LAST_OF_SENDS = ProblemCode.LOGIN_CODE_INVALID


@pytest.mark.parametrize(("template", "values", "code", "field"), CASES)
def test_each_reason_has_a_code_and_a_field(
    template: Template, values: TemplateValues, code: str, field: str
) -> None:
    [problem] = check_send(template, values)
    assert (problem.code, problem.field) == (code, field)
    assert problem.message.endswith(".")
    assert problem.fix.endswith(".")


def test_no_code_of_a_send_is_forgotten_here() -> None:
    codes = list(ProblemCode)
    assert {case[2] for case in CASES} == {*codes[: codes.index(LAST_OF_SENDS) + 1]}


def test_a_pause_says_how_long() -> None:
    [problem] = check_send(body("Hi", status="PAUSED", paused_until=END), TemplateValues())
    assert problem.message == "Meta says PAUSED until 2026-12-01 18:00 UTC."


def test_all_reasons_are_told_at_once() -> None:
    template = made(
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hi {{1}}, {{2}} now"},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE"}]},
    )
    assert [one.field for one in check_send(template, TemplateValues())] == [
        "header",
        "parameters[0]",
        "parameters[1]",
        "buttons.0",
    ]


def test_line_breaks_and_series_of_spaces_become_one_space() -> None:
    [sent] = components(TWO, TemplateValues(["Ana\nGomez", "a\t  b      c"]))
    assert [one["text"] for one in sent["parameters"]] == ["Ana Gomez", "a b c"]


def test_values_may_be_named_by_the_numbers_of_variables() -> None:
    by_number = TemplateValues({"2": "10 EUR", "1": "Ana"})
    assert check_send(TWO, by_number) == []
    assert render(TWO, by_number) == "Hi Ana, 10 EUR now"


def test_a_login_code_fills_the_text_and_the_button() -> None:
    [text, pressed] = components(LOGIN, TemplateValues(["123456"]))
    assert text["parameters"][0]["text"] == pressed["parameters"][0]["text"] == "123456"
    assert pressed["sub_type"] == "url"
    assert render(LOGIN, TemplateValues(["123456"])) == "*123456* is your code.\n[Copy]"


def test_a_person_reads_every_part() -> None:
    template = made(
        {"type": "HEADER", "format": "LOCATION"},
        {"type": "BODY", "text": "Hi {{1}}"},
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon"}},
        {"type": "FOOTER", "text": "No reply"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "COPY_CODE"},
                {"type": "URL", "text": "See", "url": "https://e.org/{{1}}"},
                {"type": "MPM", "text": "Products"},
            ],
        },
    )
    values = TemplateValues(
        ["Ana"],
        PlaceValue(4.6, -74.0, "Bakery", "Street 1"),
        {0: "TEN", 1: "a", 2: ProductsValue("sku", [BREAD])},
    )
    assert check_send(template, values) == []
    assert render(template, values).splitlines() == [
        "[location] Bakery, Street 1",
        "Hi Ana",
        "Ends soon",
        "No reply",
        "[Copy code] TEN",
        "[See] https://e.org/a",
        "[Products]",
    ]


def test_cards_and_the_end_of_an_offer_are_read_too() -> None:
    values = TemplateValues(cards=[CardValues(PICTURE, ["One"]), CardValues(PICTURE, ["Two"])])
    assert render(CARDS, values).splitlines() == [
        "Hello",
        "1.",
        "[image] https://e.org/a.png",
        "One!",
        "2.",
        "[image] https://e.org/a.png",
        "Two!",
    ]
    assert "Ends (2026-12-01 18:00 UTC)" in render(OFFER, TemplateValues(offer_ends_at=END))


def test_no_message_repeats_a_value() -> None:
    """Values may be private, and problems are logged and answered to other systems."""
    secret = "x" * 1025
    for template in (TWO, NAMED, header("TEXT", "For {{1}}"), LINK, LOGIN):
        given = TemplateValues({"who": secret, secret[:9]: secret}, secret, {0: secret * 2})
        for problem in check_send(replace(template), given):
            assert secret not in problem.message + problem.fix
