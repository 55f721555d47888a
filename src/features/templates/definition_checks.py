"""What is wrong with a template that is to be created, before Meta reviews it.

Source: the pages "Template components" and "Create and manage templates" of the WhatsApp Business
Platform. What a person at Meta judges, such as the category, no program can check.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.json import JsonObject
from features.templates.model import (
    AUTHENTICATION,
    MARKETING,
    NAMED,
    POSITIONAL,
    UTILITY,
    ProblemCode,
    TemplateProblem,
)
from features.templates.parts import FILES, VARIABLE, kind_of, url_of, variables
from schemas.cloud_api_limits import utf16_length

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
CATEGORIES = (MARKETING, UTILITY, AUTHENTICATION)
HEADERS = frozenset({"TEXT", "LOCATION", "PRODUCT", *FILES})
#: Longest texts, in UTF-16 units.
MAX_TEXT_CHARS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MAX_CARD_BODY_CHARS = 160
MAX_BUTTON_CHARS = {"text": 25, "url": 2000, "phone_number": 20}
MAX_BUTTONS = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
MAX_ALL_BUTTONS, MAX_CARD_BUTTONS = 10, 2
MIN_CARDS, MAX_CARDS = 2, 10


def check_definition(given: Mapping[str, Any]) -> Sequence[TemplateProblem]:
    """Return why Meta would not take a template, all reasons at once."""
    components = given.get("components")
    problems = [*_head_problems(given)]
    if not isinstance(components, list) or not all(isinstance(one, dict) for one in components):
        fix = "Write a list of components, at least one of the type BODY."
        message = "components is no list of objects."
        problem = TemplateProblem(ProblemCode.COMPONENTS_INVALID, "components", message, fix)
        return [*problems, problem]
    kinds = Counter(str(one.get("type", "")).upper() for one in components)
    if kinds["BODY"] != 1 or max(kinds.values()) > 1:
        fix = "Write one BODY, and at most one of each other type."
        message = "A template has one body, and no part twice."
        problems.append(TemplateProblem(ProblemCode.COMPONENTS_INVALID, "components", message, fix))
    if given.get("category") == AUTHENTICATION:  # its texts are Meta's
        return problems
    is_named = given.get("parameter_format") == NAMED
    for place, one in enumerate(components):
        problems += _component_problems(one, f"components[{place}]", is_named, MAX_TEXT_CHARS)
    return problems


def _head_problems(given: Mapping[str, Any]) -> Iterator[TemplateProblem]:
    if not NAME.fullmatch(str(given.get("name", ""))):
        message = "A name has 1 to 512 of a-z, 0-9 and _."
        fix = "Rename it, such as order_update."
        yield TemplateProblem(ProblemCode.NAME_INVALID, "name", message, fix)
    if not LANGUAGE.fullmatch(str(given.get("language", ""))):
        message = "A language is a code of Meta."
        fix = "Write en, es or pt_BR, say."
        yield TemplateProblem(ProblemCode.LANGUAGE_INVALID, "language", message, fix)
    if given.get("category") not in CATEGORIES:
        fix = f"Write one of {', '.join(CATEGORIES)}."
        message = "The category is none of Meta's."
        yield TemplateProblem(ProblemCode.CATEGORY_INVALID, "category", message, fix)
    if given.get("parameter_format", POSITIONAL) not in (NAMED, POSITIONAL):
        fix = "Write NAMED or POSITIONAL."
        message = "parameter_format is unknown."
        yield TemplateProblem(ProblemCode.VARIABLES_INVALID, "parameter_format", message, fix)


def _component_problems(
    component: JsonObject, field: str, is_named: bool, most: Mapping[str, int]
) -> Iterator[TemplateProblem]:
    kind = str(component.get("type", "")).upper()
    text = str(component.get("text") or "")
    if (length := utf16_length(text)) > most.get(kind, length):
        message = f"The text has {length} characters, and Meta takes {most[kind]}."
        yield TemplateProblem(ProblemCode.TEXT_TOO_LONG, field, message, "Shorten it.")
    match kind:
        case "HEADER":
            yield from _header_problems(component, field, is_named)
        case "BODY":
            yield from _variable_problems(component, field, is_named, "body_text")
            if VARIABLE.match(text.strip()) or re.search(r"\}\}\W*$", text):
                message = "A body neither begins nor ends with a variable."
                fix = "Put words around it."
                yield TemplateProblem(ProblemCode.VARIABLES_INVALID, field, message, fix)
        case "FOOTER" if VARIABLE.search(text):
            message, fix = "A footer has no variables.", "Write words only."
            yield TemplateProblem(ProblemCode.VARIABLES_INVALID, field, message, fix)
        case "BUTTONS":
            yield from _button_problems(component.get("buttons") or [], field, MAX_ALL_BUTTONS)
        case "CAROUSEL":
            yield from _card_problems(component.get("cards") or [], field, is_named)


def _header_problems(
    component: JsonObject, field: str, is_named: bool
) -> Iterator[TemplateProblem]:
    form = str(component.get("format") or "TEXT").upper()
    names = variables(str(component.get("text") or ""))
    if form not in HEADERS or len(names) > 1:
        fix = f"Write one of {', '.join(sorted(HEADERS))}, with one variable at most."
        message = "Meta knows no such header."
        yield TemplateProblem(ProblemCode.COMPONENTS_INVALID, field, message, fix)
    elif form in FILES and not (component.get("example") or {}).get("header_handle"):
        fix = "Name a file in example.header_file, or write a handle into example.header_handle."
        message = "Meta reviews a file of a header by an example."
        yield TemplateProblem(ProblemCode.EXAMPLE_MISSING, field, message, fix)
    else:
        yield from _variable_problems(component, field, is_named, "header_text")


def _variable_problems(
    component: JsonObject, field: str, is_named: bool, example: str
) -> Iterator[TemplateProblem]:
    names = variables(str(component.get("text") or ""))
    numbers = [str(place) for place in range(1, len(names) + 1)]
    wrong = [one for one in names if one.isdecimal() or one != one.lower()] if is_named else []
    if wrong or (not is_named and list(names) != numbers):
        message = "The variables do not fit parameter_format."
        fix = (
            "Number them {{1}}, {{2}}, or give all of them small names with parameter_format NAMED."
        )
        yield TemplateProblem(ProblemCode.VARIABLES_INVALID, field, message, fix)
    key = f"{example}_named_params" if is_named else example
    if names and not (component.get("example") or {}).get(key):
        message = "Meta reviews variables by examples."
        fix = f"Write example.{key}."
        yield TemplateProblem(ProblemCode.EXAMPLE_MISSING, field, message, fix)


def _button_problems(
    buttons: Sequence[JsonObject], field: str, most: int
) -> Iterator[TemplateProblem]:
    counts = Counter(kind_of(one) for one in buttons)
    too_many = [kind for kind, limit in MAX_BUTTONS.items() if counts[kind] > limit]
    if len(buttons) > most or too_many:
        limits = ", ".join(f"{limit} {kind}" for kind, limit in MAX_BUTTONS.items())
        fix = f"At most {most} buttons, of them {limits}."
        message = "There are too many buttons."
        yield TemplateProblem(ProblemCode.BUTTONS_INVALID, field, message, fix)
    for index, button in enumerate(buttons):
        where = f"{field}.buttons[{index}]"
        for name, limit in MAX_BUTTON_CHARS.items():
            if (length := utf16_length(str(button.get(name) or ""))) > limit:
                message = f"{name} has {length} characters, and Meta takes {limit}."
                yield TemplateProblem(ProblemCode.TEXT_TOO_LONG, where, message, "Shorten it.")
        needs_example = kind_of(button) == "COPY_CODE" or VARIABLE.search(url_of(button))
        if needs_example and not button.get("example"):
            message, fix = "Meta reviews links and codes by examples.", "Write example."
            yield TemplateProblem(ProblemCode.EXAMPLE_MISSING, where, message, fix)


def _card_problems(
    cards: Sequence[JsonObject], field: str, is_named: bool
) -> Iterator[TemplateProblem]:
    shapes = set()
    for place, card in enumerate(cards):
        parts = card.get("components") or []
        most = {"BODY": MAX_CARD_BODY_CHARS}
        shape: list[str] = []
        for index, one in enumerate(parts):
            where = f"{field}.cards[{place}].components[{index}]"
            yield from _component_problems(one, where, is_named, most)
            buttons = one.get("buttons") or []
            shape += [str(one.get("type")).upper(), *map(kind_of, buttons)]
            if len(buttons) > MAX_CARD_BUTTONS:
                message, fix = "A card has too many buttons.", f"At most {MAX_CARD_BUTTONS}."
                yield TemplateProblem(ProblemCode.BUTTONS_INVALID, where, message, fix)
        shapes.add(tuple(shape))
    if not MIN_CARDS <= len(cards) <= MAX_CARDS or len(shapes) != 1:
        message = "The cards do not fit together."
        fix = f"Write {MIN_CARDS} to {MAX_CARDS} cards with the same parts."
        yield TemplateProblem(ProblemCode.CARDS_INVALID, field, message, fix)
