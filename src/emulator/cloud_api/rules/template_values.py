"""The texts that fill a template."""

import re
from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.json import JsonObject

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: What Meta refuses inside a text of a parameter.
UNWANTED = re.compile(r"[\n\r\t]| {5,}")


def is_component(component: JsonObject, kind: str) -> bool:
    """Whether a component of a message, or of a template, is of a kind."""
    return str(component.get("type", "")).upper() == kind


def text_of(parameter: Mapping[str, Any], where: str, key: str = "text") -> str:
    """A text of a parameter; refused if it is empty, or has line breaks."""
    text = parameter.get(key)
    if not isinstance(text, str) or not text.strip():
        raise GraphError(131008, f"{where}: Parameter of type {key} is missing its value")
    if UNWANTED.search(text):
        raise GraphError(
            132018,
            f"{where}: Param text cannot have new-line/tab characters or more than 4 consecutive "
            "spaces",
        )
    return text
