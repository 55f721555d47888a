"""Checks of single parameters, with the words of OpenAI's servers."""

import json
from typing import Any

from starlette.requests import Request

from emulator.openai.refused import RefusedRequest

NOT_PARSED = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload.)"
)


async def object_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a request carries; RefusedRequest if it carries none."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusedRequest(NOT_PARSED)
    return body


def check_number(name: str, value: Any, least: float, most: float) -> None:
    """Raise RefusedRequest for what is no number, or one that is too small or too large."""
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RefusedRequest(
            f"Invalid type for '{name}': expected a number, but got {json_type(value)} instead.",
            param=name,
            code="invalid_type",
        )
    if not least <= value <= most:
        problem = f"below minimum value. Expected a value >= {least}"
        if value > most:
            problem = f"above maximum value. Expected a value <= {most}"
        kind = "integer" if isinstance(value, int) else "decimal"
        bound = "below_min" if value < least else "above_max"
        message = f"Invalid '{name}': {kind} {problem}, but got {value} instead."
        raise RefusedRequest(message, param=name, code=f"{kind}_{bound}_value")


#: Most pairs of metadata, and most letters of a key and of a value.
MAX_PAIRS, MAX_KEY_CHARS, MAX_VALUE_CHARS = 16, 64, 512


def check_metadata(value: Any) -> None:
    """Raise RefusedRequest for metadata that are no short texts with short names."""
    if value is None:
        return
    if not isinstance(value, dict):
        raise RefusedRequest(
            f"Invalid type for 'metadata': expected an object, but got {json_type(value)} instead.",
            param="metadata",
            code="invalid_type",
        )
    if len(value) > MAX_PAIRS:
        text = f"too many properties. Expected an object with at most {MAX_PAIRS} properties"
        raise invalid("metadata", text)
    for name, text in value.items():
        if len(name) > MAX_KEY_CHARS:
            raise invalid("metadata", f"key too long. Expected at most {MAX_KEY_CHARS} characters")
        if not isinstance(text, str):
            problem = f"expected a string, but got {json_type(text)} instead"
            raise RefusedRequest(
                f"Invalid type for 'metadata.{name}': {problem}.",
                param=f"metadata.{name}",
                code="invalid_type",
            )
        if len(text) > MAX_VALUE_CHARS:
            problem = f"string too long. Expected a string with maximum length {MAX_VALUE_CHARS}"
            raise invalid(f"metadata.{name}", problem)


def json_type(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")


def unknown(param: str) -> RefusedRequest:
    message = f"Unknown parameter: '{param}'."
    return RefusedRequest(message, param=param, code="unknown_parameter")


def invalid(param: str, problem: str) -> RefusedRequest:
    message = f"Invalid '{param}': {problem}."
    return RefusedRequest(message, param=param, code="invalid_value")


def missing(param: str) -> RefusedRequest:
    message = f"Missing required parameter: '{param}'."
    return RefusedRequest(message, param=param, code="missing_required_parameter")
