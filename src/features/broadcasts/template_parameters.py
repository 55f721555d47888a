"""Filling the places of a message template.

Source: developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.json import JsonObject
from domain.user import User
from jobs.model import LaneState

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
FILES = ("IMAGE", "VIDEO", "DOCUMENT")
#: Parts of a template that need texts and files at most.
PARTS = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})
HEADERS = frozenset({"", "TEXT", *FILES})
BUTTONS = frozenset({"QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "VOICE_CALL"})
#: What the values of a broadcast may say of each person.
KNOWN = ("first_name", "full_name")

#: A message template as Meta describes it.
Template = LaneState


#: A line of variables: the name of a place, and its value.
_LINE = re.compile(r"(\{\{\s*\w+\s*\}\}|[\w ]+?)\s*[:=]\s*(.+)")
LINES = "Write a line for each: 1: {first_name}"


class WrongVariables(ValueError):
    """What was written does not fit the template."""


class UnsupportedTemplate(WrongVariables):
    """The template has parts that texts and files cannot fill: Meta would refuse each message."""


def unsupported_parts(template: Template) -> Iterator[str]:
    """Yield the parts that need more than texts and files: places, products, flows, offers."""
    for component in template.get("components") or []:
        kind = str(component.get("type") or "").upper()
        form = str(component.get("format") or "").upper()
        if kind not in PARTS:
            yield kind.lower().replace("_", " ") or "a part without a type"
        elif kind == "HEADER" and form not in HEADERS:
            yield f"header of type {form}"
        for button in component.get("buttons") or [] if kind == "BUTTONS" else ():
            if (name := str(button.get("type") or "").upper()) not in BUTTONS:
                yield f"button of type {name}"


def placeholders(template: Template) -> Iterator[str]:
    """What has to be filled: "1" or a name in the body, "header", "button 0"."""
    for component in template.get("components") or []:
        match component.get("type"):
            case "BODY":
                yield from _variables(component)
            case "HEADER" if component.get("format") in FILES or _variables(component):
                yield "header"
            case "BUTTONS":
                for index, button in enumerate(component.get("buttons") or []):
                    if _parameter_of(button):
                        yield f"button {index}"


def read_values(template: Template, written: str) -> dict[str, str]:
    """The value for each place of a template; WrongVariables says what does not fit."""
    if others := list(dict.fromkeys(unsupported_parts(template))):
        raise UnsupportedTemplate(
            f"the template has parts that broadcasts cannot fill: {', '.join(others)}. "
            "Choose one with texts, files, links and codes only"
        )
    expected = list(placeholders(template))
    given = _given(written)
    if not isinstance(given, dict) or not all(
        isinstance(one, str | int | float) for one in given.values()
    ):
        raise WrongVariables('Variables is an object of texts, such as {"1": "{first_name}"}')
    missing = [name for name in expected if not str(given.get(name, "")).strip()]
    if missing:
        raise WrongVariables(f"Variables lacks {', '.join(missing)}")
    unknown = sorted(given.keys() - set(expected))
    if unknown:
        raise WrongVariables(f"the template has no place for {', '.join(unknown)}")
    return {name: str(given[name]) for name in expected}


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


def preview(template: Template, values: Mapping[str, str]) -> str:
    """Return the message as people will read it; {first_name} stands for each one's own."""
    lines: list[str] = []
    for component in template.get("components") or []:
        text = str(component.get("text") or "")
        match component.get("type"):
            case "HEADER" if component.get("format") in FILES:
                lines.append(f"[{str(component['format']).lower()}] {values.get('header', '')}")
            case "HEADER":
                lines.append(VARIABLE.sub(lambda _: values.get("header", ""), text))
            case "BODY":
                lines.append(VARIABLE.sub(lambda found: values.get(found[1], found[0]), text))
            case "FOOTER":
                lines.append(text)
            case "BUTTONS":
                buttons = component.get("buttons") or []
                lines += [f"[{button.get('text', '')}]" for button in buttons]
    return "\n".join(line for line in lines if line.strip())


def components(template: Template, values: Mapping[str, str], person: User) -> list[dict[str, Any]]:
    """The components of a message to one person."""
    filled = {name: _said_to(person, value) for name, value in values.items()}
    named = template.get("parameter_format") == "NAMED"
    return [
        made
        for component in template.get("components") or []
        for made in _filled(component, filled, named=named)
    ]


def _filled(
    component: JsonObject, values: Mapping[str, str], *, named: bool
) -> Iterator[dict[str, Any]]:
    match component.get("type"):
        case "BODY" if names := _variables(component):
            yield {
                "type": "body",
                "parameters": [_text(values[name], name if named else None) for name in names],
            }
        case "HEADER" if component.get("format") in FILES:
            file = str(component["format"]).lower()
            yield _header({"type": file, file: {"link": values["header"]}})
        case "HEADER" if names := _variables(component):
            yield _header(_text(values["header"], names[0] if named else None))
        case "BUTTONS":
            for index, button in enumerate(component.get("buttons") or []):
                if kind := _parameter_of(button):
                    value = {"type": kind, kind: values[f"button {index}"]}
                    yield {
                        "type": "button",
                        "sub_type": str(button["type"]).lower(),
                        "index": str(index),
                        "parameters": [value],
                    }


def _header(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"type": "header", "parameters": [parameter]}


def _text(value: str, name: str | None) -> dict[str, Any]:
    return {"type": "text", "text": value} | ({"parameter_name": name} if name else {})


def _variables(component: JsonObject) -> Sequence[str]:
    names = dict.fromkeys(VARIABLE.findall(str(component.get("text", ""))))
    return sorted(names, key=int) if all(name.isdecimal() for name in names) else list(names)


def _parameter_of(button: JsonObject) -> str | None:
    """Of which kind the parameter of a button is, if it needs one."""
    if button.get("type") == "COPY_CODE":
        return "coupon_code"
    needs_text = button.get("type") == "URL" and VARIABLE.search(str(button.get("url", "")))
    return "text" if needs_text else None


def _said_to(person: User, value: str) -> str:
    """Meta refuses parameters that are empty, or have new lines or tabs."""
    known = {"first_name": person.first_name, "full_name": person.full_name or person.profile_name}
    for name in KNOWN:
        value = value.replace(f"{{{name}}}", known[name] or "")
    return " ".join(value.split()) or "-"
