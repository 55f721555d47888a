"""What Meta takes as the texts of a template: variables, examples, lengths.

Source: the pages "Template components" and "Templates overview" of the WhatsApp Business Platform,
and its error codes.
"""

import re
from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.template_errors import FORMATS, lacks, refusal, too_long
from emulator.cloud_api.rules.template_values import VARIABLE
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

#: Longest texts of components, in UTF-16 units.
MAX_COMPONENT_UTF16_UNITS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
#: Names of the examples of a component: of numbered variables, and of named ones.
EXAMPLES = {
    "HEADER": ("header_text", "header_text_named_params"),
    "BODY": ("body_text", "body_text_named_params"),
}
#: Marks of formatting, line breaks and emoji, which a header does not take.
NOT_IN_HEADER = re.compile(r"[*_~`\n\r\t\U0001F000-\U0001FAFF\u2600-\u27BF]")
#: Line breaks in a row that are too many for a body.
MANY_BREAKS = re.compile(r"\n{5,}")
NAME = re.compile(r"[a-z][a-z0-9_]*")
WORD = re.compile(r"\w+")


def check_text(component: JsonObject, *, named: bool, most: int | None = None) -> None:
    """Raise the GraphError of a header, body or footer that Meta would not take."""
    kind, text = component["type"], str(component.get("text") or "")
    if not text:
        raise lacks(kind, "text")
    longest = most or MAX_COMPONENT_UTF16_UNITS[kind]
    if utf16_length(text) > longest:
        raise too_long(kind, longest)
    names = VARIABLE.findall(text)
    _check_variables(kind, text, names, named=named)
    if kind == "HEADER" and (len(names) > 1 or NOT_IN_HEADER.search(VARIABLE.sub("", text))):
        wrong = "The header takes one variable, and no new lines, emoji or formatting characters."
        raise refusal(FORMATS[kind], wrong)
    if kind == "BODY":
        _check_body(text, names)
    if names and not _has_example(component, kind, named=named):
        raise lacks(kind, "example")


def _check_variables(kind: str, text: str, names: list[str], *, named: bool) -> None:
    rest = VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise refusal(FORMATS[kind], "A variable has two braces on each side, like {{1}}.")
    if names and kind == "FOOTER":
        raise refusal(FORMATS[kind], "The footer has no variables.")
    if named and not all(NAME.fullmatch(one) for one in names):
        raise refusal(FORMATS[kind], "Variables have names in small letters, like {{order_id}}.")
    numbers = {str(place) for place in range(1, len(set(names)) + 1)}
    if not named and set(names) != numbers:
        raise refusal(FORMATS[kind], "Variables are numbered from {{1}} on, without gaps.")


def _check_body(text: str, names: list[str]) -> None:
    bare = text.strip()
    if VARIABLE.match(bare) or (names and bare.endswith("}}")):
        raise refusal(2388299, "Variables can't be at the start or end of the template.")
    if len(WORD.findall(VARIABLE.sub(" ", text))) < len(names):
        raise refusal(2388293, "Reduce the number of variables, or write a longer message.")
    if MANY_BREAKS.search(text):
        raise refusal(FORMATS["BODY"], "The body has more than 4 line breaks in a row.")


def _has_example(component: Mapping[str, Any], kind: str, *, named: bool) -> bool:
    example = component.get("example") or {}
    return bool(example.get(EXAMPLES[kind][named]))
