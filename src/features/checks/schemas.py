"""JSON schemas of answers: read when the config file is, and answers are checked by them."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema

from features.checks.definitions import Check


class SchemaError(Exception):
    """A schema cannot be used, or an answer does not fit; says why."""


def schema_of(check: Check, folder: Path) -> Mapping[str, Any] | None:
    """Return the JSON schema of a check's answer; None if it is text. Raise SchemaError."""
    if check.is_text:
        return None
    schema = check.answer_schema
    if isinstance(schema, str):
        schema = _read(schema, folder)
    _validator(json.dumps(schema))
    return schema


def read_answer(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the answer of a model as data. Raise SchemaError."""
    try:
        answer = json.loads(_without_fence(text))
        return _validator(json.dumps(schema))(answer)
    except json.JSONDecodeError:
        raise SchemaError("the answer is not JSON") from None
    except fastjsonschema.JsonSchemaValueException as error:
        raise SchemaError(f"{error.name} does not follow the rule {error.rule}") from None


def _read(name: str, folder: Path) -> Any:
    if not name.endswith(".json"):
        raise SchemaError(
            "expected text, plain, markdown, a JSON schema, or the name of a .json file"
        )
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SchemaError(f"{name} is not in the folder of the config file")
    try:
        return json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SchemaError(f"{name} cannot be read: {error.strerror}") from None
    except ValueError:
        raise SchemaError(f"{name} is not JSON") from None


@cache
def _validator(schema: str) -> Any:
    try:
        return fastjsonschema.compile(json.loads(schema), use_default=False, handlers=_NO_HANDLERS)
    except (fastjsonschema.JsonSchemaDefinitionException, ValueError, TypeError, AttributeError):
        raise SchemaError("this is not a JSON schema") from None


def _refuse(_: str) -> Any:
    raise SchemaError("a schema refers to another place: put that part into it")


#: Schemas must not fetch anything.
_NO_HANDLERS = dict.fromkeys(("http", "https", "ftp", "file", ""), _refuse)


def _without_fence(text: str) -> str:
    """Return the content of a Markdown code block, which some models put around JSON."""
    lines = text.strip().splitlines()
    is_fenced = len(lines) > 2 and lines[0].startswith("```") and lines[-1].startswith("```")
    return "\n".join(lines[1:-1]) if is_fenced else text
