"""Values that fit a JSON schema: structured answers, and the arguments of tool calls.

Source: platform.openai.com/docs/guides/structured-outputs
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.json import JsonObject
from emulator.openai.refused import RefusedRequest

#: Texts of formats.
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com",
}
#: How deep a schema that refers to itself is followed.
MAX_DEPTH = 12


def example(schema: Mapping[str, Any], words: str) -> Any:
    """Return a value of a schema. Texts without a format are `words`, as far as they fit."""
    return _Examples(schema, words).of(schema, 0)


def schema_in(text: str) -> Mapping[str, Any] | None:
    """Return the JSON schema that a text shows, if there is one: clients write it into prompts."""
    decoder = json.JSONDecoder()
    for found in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text, found.start())
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("properties"), dict):
            return value
    return None


def check_strict(schema: Mapping[str, Any], where: str, param: str) -> None:
    """Raise RefusedRequest where a strict schema lets a property away, or takes others."""
    for context, one in _objects(schema, ()):
        names = one.get("properties") or {}
        if one.get("additionalProperties") is not False:
            problem = "'additionalProperties' is required to be supplied and to be false."
        elif missing := sorted(names.keys() - set(one.get("required") or ())):
            problem = (
                "'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
        else:
            continue
        message = f"Invalid schema for {where}: In context={context!r}, {problem}"
        raise RefusedRequest(message, param=param, code="invalid_json_schema")


def _objects(
    schema: Any, context: tuple[str, ...]
) -> Sequence[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Return the schemas of objects in a schema, each with its place."""
    if isinstance(schema, list):
        return [found for one in schema for found in _objects(one, context)]
    if not isinstance(schema, dict):
        return []
    here = [(context, schema)] if schema.get("type") == "object" else []
    deeper = [
        found
        for key in ("properties", "$defs", "definitions")
        for name, one in (schema.get(key) or {}).items()
        for found in _objects(one, (*context, key, name))
    ]
    others = [
        found for key in ("items", "anyOf") for found in _objects(schema.get(key), (*context, key))
    ]
    return [*here, *deeper, *others]


class _Examples:
    def __init__(self, root: Mapping[str, Any], words: str) -> None:
        self._root = root
        self._words = words

    def of(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return None
        if "$ref" in schema:
            return self.of(self._referred(str(schema["$ref"])), depth + 1)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if choices := schema.get("enum"):
            return choices[0]
        if parts := schema.get("anyOf") or schema.get("oneOf"):
            real = [one for one in parts if one.get("type") != "null"] or parts
            # deep down, what ends the recursion is better than one more level of it
            return self.of(parts[-1] if depth > MAX_DEPTH // 2 else real[0], depth + 1)
        if parts := schema.get("allOf"):
            return self.of({key: value for one in parts for key, value in one.items()}, depth + 1)
        kinds = schema.get("type")
        kind = kinds[0] if isinstance(kinds, list) else kinds
        return self._of_type(str(kind), schema, depth)

    def _of_type(self, kind: str, schema: JsonObject, depth: int) -> Any:
        match kind:
            case "object":
                given = schema.get("properties") or {}
                return {name: self.of(one, depth + 1) for name, one in given.items()}
            case "array":
                count = int(schema.get("minItems", 0 if depth > MAX_DEPTH // 2 else 1))
                return [self.of(schema.get("items") or {}, depth + 1) for _ in range(count)]
            case "integer" | "number":
                least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
                return min(least, schema.get("maximum", least))
            case "boolean":
                return False
            case "string" | "None":
                return FORMATS.get(str(schema.get("format"))) or self._text(schema)
        return None

    def _text(self, schema: JsonObject) -> str:
        text = self._words.ljust(int(schema.get("minLength", 0)), "x")
        return text[: schema.get("maxLength")]

    def _referred(self, path: str) -> Any:
        found: Any = self._root
        for name in path.removeprefix("#").strip("/").split("/"):
            found = found.get(name, {}) if name else found
        return found
