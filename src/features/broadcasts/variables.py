"""What operators write into the variables of a template, for each person of a broadcast."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from domain.user import User
from features.templates.button_checks import takes_value
from features.templates.model import (
    APPROVED,
    ButtonValue,
    FileValue,
    Template,
    TemplateValues,
)
from features.templates.parts import FILES, Parts, is_login_button, kind_of, variables
from features.templates.rendering import check_send, render

#: What the values of a broadcast may say of each person, with words for who has none.
NAMES = {"first_name": "first name", "full_name": "name"}
#: `{first_name}`, or `{first_name|friend}` with what is said to people without one.
_OF_PERSON = re.compile(r"\{(first_name|full_name)(?:\|([^{}]*))?\}")
#: A line of variables: the name of a place, and its value.
_LINE = re.compile(r"(\{\{\s*\w+\s*\}\}|[\w ]+?)\s*[:=]\s*(.+)")
LINES = "Write a line for each: 1: {first_name}"
#: Buttons that a broadcast can fill, and those of them that need no value.
_BUTTONS, _OPTIONAL_BUTTONS = frozenset({"URL", "COPY_CODE", "QUICK_REPLY"}), {"QUICK_REPLY"}
#: Values by the places of a template: "1" or a name in the body, "header", "button 0".
Values = Mapping[str, str]


class WrongVariables(ValueError):
    """What was written does not fit the template."""


def read_values(template: Template, written: str) -> dict[str, str]:
    """Return the value for each place of a template. Raise WrongVariables."""
    given = _given(written)
    if not isinstance(given, dict) or not all(
        isinstance(one, str | int | float) for one in given.values()
    ):
        raise WrongVariables('Variables is an object of texts, such as {"1": "{first_name}"}')
    required, optional = list(_required(template)), set(_optional(template))
    missing = [name for name in required if not str(given.get(name, "")).strip()]
    if missing:
        raise WrongVariables(f"Variables lacks {', '.join(missing)}")
    unknown = sorted(given.keys() - set(required) - optional)
    if unknown:
        raise WrongVariables(f"the template has no place for {', '.join(unknown)}")
    values = {name: str(value) for name, value in given.items()}
    problems = check_send(template, _filled(template, values, None))
    if problems:
        told = (f"{one.field}: {one.message} {one.fix}" for one in problems)
        raise WrongVariables("\n".join(told))
    return values


def preview(template: Template, values: Values) -> str:
    """Return the message as people will read it; {first_name} stands for each one's own."""
    return render(template, _filled(template, values, None))


def values_for(template: Template, values: Values, person: User) -> TemplateValues:
    """Return the values of the message to a person for whom `misfit` finds nothing."""
    return _filled(template, values, person)


def misfit(template: Template, values: Values, person: User) -> str | None:
    """Return why the message cannot be made for a person; None if it can."""
    for value in values.values():
        for name, default in _OF_PERSON.findall(value):
            if not (_known(person, name) or default.strip()):
                return f"has no {NAMES[name]}"
    filled = _filled(template, values, person)
    problems = check_send(replace(template, status=APPROVED), filled)
    return problems[0].message if problems else None


def _required(template: Template) -> Iterator[str]:
    parts = Parts.of(template.components)
    if parts.header_format in FILES or variables(parts.header_text):
        yield "header"
    yield from variables(parts.body)
    for index, button in enumerate(parts.buttons):
        is_filled = takes_value(button) and not is_login_button(template, button)
        if is_filled and kind_of(button) in _BUTTONS - _OPTIONAL_BUTTONS:
            yield f"button {index}"


def _optional(template: Template) -> Iterator[str]:
    for index, button in enumerate(Parts.of(template.components).buttons):
        if kind_of(button) in _OPTIONAL_BUTTONS:
            yield f"button {index}"


def _given(written: str) -> Any:
    """Read a JSON object, or lines such as `1: {first_name}`."""
    if written.lstrip().startswith("{") and not _LINE.match(written.strip()):
        try:
            return json.loads(written)
        except ValueError as error:
            raise WrongVariables(f"Variables is not JSON: {error}. {LINES}") from error
    given: dict[str, str] = {}
    for line in filter(str.strip, written.splitlines()):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise WrongVariables(f"Variables: this line has no name: “{line.strip()}”. {LINES}")
        given[found[1].strip("{} ")] = found[2]
    return given


def _filled(template: Template, values: Values, person: User | None) -> TemplateValues:
    said = {name: _said_to(person, value) for name, value in values.items()}
    header = said.pop("header", None)
    buttons: dict[int, ButtonValue] = {
        int(name.removeprefix("button ")): said.pop(name)
        for name in list(said)
        if name.startswith("button ")
    }
    is_file = Parts.of(template.components).header_format in FILES
    if header is not None and is_file:
        return TemplateValues(said, FileValue(link=header), buttons)
    return TemplateValues(said, header, buttons)


def _said_to(person: User | None, value: str) -> str:
    if person is None:
        return value
    return _OF_PERSON.sub(lambda found: _known(person, found[1]) or (found[2] or ""), value)


def _known(person: User, name: str) -> str:
    if name == "first_name":
        return person.first_name
    return person.full_name or person.profile_name or ""
