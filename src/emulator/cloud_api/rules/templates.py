"""What Meta accepts as a template, and which parameters fit one.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

#: Longest texts of components, in UTF-16 units.
MAX_COMPONENT_UTF16_UNITS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MAX_BUTTONS = 10
#: Most buttons of one kind.
MAX_BUTTONS_OF_KIND = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
#: Longest texts of a button, in UTF-16 units.
MAX_BUTTON_UTF16_UNITS = {"text": 25, "url": 2000, "phone_number": 20}
MAX_CODE_UTF16_UNITS = 15
FILES = ("IMAGE", "VIDEO", "DOCUMENT")
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def read_components(given: object) -> list[dict[str, Any]]:
    """The components of a new template; GraphError if Meta would not take them."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise GraphError(100, "components is a list of objects.")
    made = [{**one, "type": str(one.get("type", "")).upper()} for one in given]
    if [one["type"] for one in made].count("BODY") != 1:
        raise GraphError(100, "A template has exactly one component of type BODY.")
    for one in made:
        most = MAX_COMPONENT_UTF16_UNITS.get(one["type"])
        if most is not None and utf16_length(str(one.get("text", ""))) > most:
            raise GraphError(100, f"{one['type']} is too long. Max length is {most}")
        if one["type"] == "HEADER" and len(variables([one], "HEADER")) > 1:
            raise GraphError(100, "A header has at most one variable.")
        _check_buttons(one.get("buttons", []))
    return made


def variables(components: Sequence[JsonObject], component: str) -> set[str]:
    """The names, or the numbers, of those in a component."""
    texts = [str(one.get("text", "")) for one in components if one["type"] == component]
    return {name for text in texts for name in VARIABLE.findall(text)}


def check_parameters(
    components: Sequence[JsonObject], given: Sequence[JsonObject], *, named: bool
) -> None:
    """Refuse parameters that do not fit a template."""
    for component in ("HEADER", "BODY"):
        parameters = parameters_of(given, component)
        file = _file_of(components) if component == "HEADER" else None
        if file is not None:
            _check_file(file, parameters)
        else:
            _check_texts(components, component, parameters, named=named)
    _check_button_parameters(components, given)


def _check_buttons(buttons: Sequence[JsonObject]) -> None:
    if len(buttons) > MAX_BUTTONS:
        raise GraphError(100, f"A template has at most {MAX_BUTTONS} buttons.")
    for kind, count in Counter(str(one.get("type")).upper() for one in buttons).items():
        if count > MAX_BUTTONS_OF_KIND.get(kind, MAX_BUTTONS):
            raise GraphError(
                100, f"A template has at most {MAX_BUTTONS_OF_KIND[kind]} {kind} buttons."
            )
    for button in buttons:
        for name, most in MAX_BUTTON_UTF16_UNITS.items():
            if utf16_length(str(button.get(name, ""))) > most:
                raise GraphError(100, f"{name} of a button is too long. Max length is {most}")


def _file_of(components: Sequence[JsonObject]) -> str | None:
    formats = (one.get("format") for one in components if one["type"] == "HEADER")
    return next((str(one).lower() for one in formats if one in FILES), None)


def _check_file(file: str, parameters: Sequence[JsonObject]) -> None:
    kinds = [one.get("type") for one in parameters]
    if kinds != [file] or not isinstance(parameters[0].get(file), dict):
        raise GraphError(132012, f"header: Format mismatch, expected {file.upper()}")


def _check_texts(
    components: Sequence[JsonObject],
    component: str,
    parameters: Sequence[JsonObject],
    *,
    named: bool,
) -> None:
    expected, where = variables(components, component), component.lower()
    if len(parameters) != len(expected):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(expected)})",
        )
    if named and {one.get("parameter_name") for one in parameters} != expected:
        raise GraphError(132012, f"{where}: parameter_name must be one of {sorted(expected)}")
    added = sum(utf16_length(str(one.get("text", ""))) for one in parameters)
    texts = [str(one.get("text", "")) for one in components if one["type"] == component]
    length = sum(utf16_length(VARIABLE.sub("", text)) for text in texts) + added
    if length > MAX_COMPONENT_UTF16_UNITS[component]:
        raise GraphError(
            132005, f"{where}: the text is longer than {MAX_COMPONENT_UTF16_UNITS[component]}"
        )


def _check_button_parameters(components: Sequence[JsonObject], given: Sequence[JsonObject]) -> None:
    buttons = [each for one in components for each in one.get("buttons", [])]
    filled = {
        str(one.get("index")): one.get("parameters") or []
        for one in given
        if str(one.get("type", "")).upper() == "BUTTON"
    }
    for index, button in enumerate(buttons):
        kind = str(button.get("type")).upper()
        takes_one = kind == "COPY_CODE" or (kind == "URL" and VARIABLE.search(str(button["url"])))
        if takes_one and not filled.get(str(index)):
            title = kind.title()
            raise GraphError(
                131008, f"buttons: Button at index {index} of type {title} requires a parameter"
            )
        for one in filled.get(str(index), []):
            if (
                kind == "COPY_CODE"
                and utf16_length(str(one.get("coupon_code", ""))) > MAX_CODE_UTF16_UNITS
            ):
                raise GraphError(
                    132018, f"A coupon code has at most {MAX_CODE_UTF16_UNITS} characters."
                )


def parameters_of(given: Sequence[JsonObject], component: str) -> list[JsonObject]:
    """Those of the header, or the body, of a message."""
    parts = [one for one in given if str(one.get("type", "")).upper() == component]
    return [each for one in parts for each in one.get("parameters") or []]
