"""Templates that are to be created: what is wrong with them, and the ready ones."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from emulator.cloud_api.testing import CloudApiDouble
from features.templates.checks import check_send
from features.templates.definition_checks import check_definition
from features.templates.model import ProblemCode, TemplateValues
from features.templates.parts import Parts, variables
from features.templates.reading import read_listed
from features.templates.ready import definitions, ready_templates

BODY: dict[str, Any] = {
    "type": "BODY",
    "text": "Hi {{1}}, hello.",
    "example": {"body_text": [["Ana"]]},
}
ORDER: dict[str, Any] = {
    "name": "order",
    "language": "en",
    "category": "UTILITY",
    "components": [BODY],
}
CARD: dict[str, Any] = {"components": [{"type": "BODY", "text": "Bread"}]}


def buttons(*given: dict[str, Any]) -> dict[str, Any]:
    return {"components": [BODY, {"type": "BUTTONS", "buttons": [*given]}]}


def body(text: str, **example: Any) -> dict[str, Any]:
    return {"components": [{"type": "BODY", "text": text, "example": example}]}


def cards(*given: dict[str, Any]) -> dict[str, Any]:
    return {"components": [BODY, {"type": "CAROUSEL", "cards": [*given]}]}


def header(**given: Any) -> dict[str, Any]:
    return {"components": [BODY, {"type": "HEADER", **given}]}


REPLY = {"type": "QUICK_REPLY", "text": "Yes"}
LINK = {"type": "URL", "text": "See", "url": "https://e.org/"}
THREE = {"type": "BUTTONS", "buttons": [REPLY] * 3}
CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"name": "Order"}, "name_invalid", "name"),
    ({"language": "english"}, "language_invalid", "language"),
    ({"category": "OTHER"}, "category_invalid", "category"),
    ({"parameter_format": "BOTH"}, "variables_invalid", "parameter_format"),
    ({"components": "Hi"}, "components_invalid", "components"),
    ({"components": [BODY, BODY]}, "components_invalid", "components"),
    ({"components": []}, "components_invalid", "components"),
    (body("x" * 1025), "text_too_long", "components[0]"),
    (body("Hi {{2}}, hello.", body_text=[["a"]]), "variables_invalid", "components[0]"),
    (body("Hi {{who}}, hello.", body_text=[["a"]]), "variables_invalid", "components[0]"),
    (body("{{1}}, hello.", body_text=[["a"]]), "variables_invalid", "components[0]"),
    (body("Hello, {{1}}!", body_text=[["a"]]), "variables_invalid", "components[0]"),
    (body("Hi {{1}}, hello."), "example_missing", "components[0]"),
    (header(format="IMAGE"), "example_missing", "components[1]"),
    (header(format="GIF"), "components_invalid", "components[1]"),
    (header(text="For {{1}} and {{2}}"), "components_invalid", "components[1]"),
    (header(text="For {{1}}"), "example_missing", "components[1]"),
    (
        {"components": [BODY, {"type": "FOOTER", "text": "To {{1}}"}]},
        "variables_invalid",
        "components[1]",
    ),
    (buttons(*[REPLY] * 11), "buttons_invalid", "components[1]"),
    (buttons(*[LINK] * 3), "buttons_invalid", "components[1]"),
    (buttons(REPLY | {"text": "x" * 26}), "text_too_long", "components[1].buttons[0]"),
    (
        buttons(LINK | {"url": "https://e.org/{{1}}"}),
        "example_missing",
        "components[1].buttons[0]",
    ),
    (cards(CARD), "cards_invalid", "components[1]"),
    (cards(CARD, {"components": []}), "cards_invalid", "components[1]"),
    (
        cards(
            *[{"components": [*CARD["components"], {"type": "BUTTONS", "buttons": [REPLY] * 3}]}]
            * 2
        ),
        "buttons_invalid",
        "components[1].cards[0].components[1]",
    ),
]


@pytest.mark.parametrize(("changes", "code", "field"), CASES)
def test_each_reason_has_a_code_and_a_field(changes: dict[str, Any], code: str, field: str) -> None:
    problems = check_definition(ORDER | changes)
    assert (problems[0].code, problems[0].field) == (code, field)
    assert all(one.message.endswith(".") and one.fix.endswith(".") for one in problems)


def test_no_code_is_forgotten_here() -> None:
    codes = list(ProblemCode)
    of_definitions = {*codes[codes.index(ProblemCode.LOGIN_CODE_INVALID) + 1 :]}
    assert {case[1] for case in CASES} == of_definitions | {ProblemCode.TEXT_TOO_LONG}


def test_a_good_template_has_no_problems() -> None:
    assert check_definition(ORDER) == []


@pytest.mark.parametrize("name", ready_templates())
async def test_ready_templates_are_whole_in_every_language(name: str) -> None:
    """Meta takes them, and they have the same variables and buttons in each language."""
    wanted = definitions(name)
    assert [one["language"] for one in wanted] == ["en", "es", "pt_BR"]
    assert [problem for one in wanted for problem in check_definition(one)] == []
    meta = CloudApiDouble()
    for one in wanted:
        meta.add_template(one)
    listed = meta.account.templates.listed(name=name)
    known = read_listed("1", listed, None)  # type: ignore[arg-type]
    assert len(known) == 3
    shapes = set()
    for template in known.values():
        parts = Parts.of(template.components)
        shapes.add((tuple(sorted(variables(parts.body))), len(parts.buttons)))
        given = dict.fromkeys(variables(parts.body), "123456")
        code = {0: "TEN"} if parts.buttons and parts.buttons[0]["type"] == "COPY_CODE" else {}
        assert check_send(template, TemplateValues(given, buttons=code)) == []
    assert len(shapes) == 1
    await meta.close()


PAGE = Path(__file__).parents[3] / "docs/templates.md"


def test_the_page_explains_every_code_and_ready_template() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(), re.MULTILINE))
    assert rows == {*ProblemCode, *ready_templates()}


def test_the_file_on_the_page_is_one_that_meta_takes() -> None:
    example, header = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert check_definition(tomllib.loads(example)) == []
    [component] = tomllib.loads(header)["components"]
    assert component["example"].keys() == {"header_file"}
