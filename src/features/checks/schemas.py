"""JSON schemas of answers: read when the config file is, and answers are checked by them."""

import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import regex

from features.checks.definitions import Check
from utils.regular_files import Unreadable, read_regular

_NO_SCHEMA = "this is not a JSON schema"
#: Answers of each kind: a schema that never ends with one of them refers to itself.
_ANSWERS: tuple[Any, ...] = ({}, [], "", 0, None)
#: Longest time for one regular expression and one text, in seconds: ordinary ones take 0.00001.
MAX_PATTERN_SECONDS = 0.05


class SchemaError(Exception):
    """A schema cannot be used, or an answer does not fit; says why."""

    def __init__(self, text: str, path: tuple[Hashable, ...] = ()) -> None:
        """`path` has the keys and positions within the schema that lead to the cause."""
        super().__init__(text)
        self.path = path


def schema_of(check: Check, folder: Path) -> Mapping[str, Any] | None:
    """Return the JSON schema of a check's answer; None if it is text. Raise SchemaError."""
    if check.is_text:
        return None
    schema = check.answer_schema
    if isinstance(schema, str):
        schema = _read(schema, folder)
    _try(_validator(json.dumps(schema)))
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
    except RecursionError:
        raise SchemaError("the answer, or its schema, is nested without an end") from None
    except TimeoutError:
        raise SchemaError("a pattern of the schema takes too long: write a simpler one") from None


def _try(validate: Callable[[Any], Any]) -> None:
    """Raise SchemaError for a schema that fails whatever the answer is."""
    for answer in _ANSWERS:
        try:
            validate(answer)
        except fastjsonschema.JsonSchemaValueException:
            continue
        except RecursionError:
            raise SchemaError("the schema refers to itself without an end") from None
        except (ArithmeticError, NameError, TypeError):  # multipleOf: 0, const: .nan
            raise SchemaError(_NO_SCHEMA) from None


def _read(name: str, folder: Path) -> Any:
    if not name.endswith(".json"):
        raise SchemaError(
            "expected text, plain, markdown, a JSON schema, or the name of a .json file"
        )
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise SchemaError(f"{name} is not in the folder of the config file")
        return json.loads(read_regular(path).decode("utf-8"))
    except Unreadable as error:
        raise SchemaError(f"{name} cannot be read: {error}") from None
    except (OSError, RuntimeError):  # RuntimeError: a link to itself, until Python 3.13
        raise SchemaError(f"{name} cannot be read: where it is cannot be found out") from None
    except ValueError:
        raise SchemaError(f"{name} is not JSON") from None


@cache
def _validator(schema: str) -> Any:
    read = json.loads(schema)
    try:
        validate = fastjsonschema.compile(read, use_default=False, handlers=_NO_HANDLERS)
        patterns = validate.__globals__["REGEX_PATTERNS"]  # those of this schema alone
        patterns.update({name: _Pattern(one.pattern) for name, one in patterns.items()})
    except (re.error, regex.error):
        path, reason = next(_broken_patterns(read), ((), "no regular expression"))
        raise SchemaError(f"a pattern is no regular expression: {reason}", path) from None
    except RecursionError:
        raise SchemaError("the schema refers to itself without an end") from None
    except (
        *(fastjsonschema.JsonSchemaDefinitionException, ValueError, TypeError, AttributeError),
        *(LookupError, NameError, SyntaxError, OverflowError),  # of the code that it is made into
    ):
        raise SchemaError(_NO_SCHEMA) from None
    return validate


class _Pattern:
    """A regular expression that raises TimeoutError in place of taking long.

    `re` has no limit, and holds up all of the process while it works.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = regex.compile(pattern, regex.VERSION0)

    def search(self, text: str) -> object:
        return self._pattern.search(text, timeout=MAX_PATTERN_SECONDS)

    def match(self, text: str) -> object:
        return self._pattern.match(text, timeout=MAX_PATTERN_SECONDS)


def _broken_patterns(
    schema: object, path: tuple[Hashable, ...] = ()
) -> Iterator[tuple[tuple[Hashable, ...], str]]:
    """Yield where a regular expression is wrong, and why."""
    if isinstance(schema, list):
        for position, one in enumerate(schema):
            yield from _broken_patterns(one, (*path, position))
    elif isinstance(schema, dict):
        for key, one in schema.items():
            within = one if key == "patternProperties" and isinstance(one, dict) else {}
            for pattern in [one] if key == "pattern" else within:
                if reason := _reason(pattern):
                    yield (*path, key, *([pattern] if within else [])), reason
            yield from _broken_patterns(one, (*path, key))


def _reason(pattern: object) -> str:
    try:
        re.compile(pattern) if isinstance(pattern, str) else None
    except re.error as error:
        return str(error)
    return ""


def _refuse(_: str) -> Any:
    raise SchemaError("a schema refers to another place: put that part into it")


#: Schemas must not fetch anything.
_NO_HANDLERS = dict.fromkeys(("http", "https", "ftp", "file", ""), _refuse)


def _without_fence(text: str) -> str:
    """Return the content of a Markdown code block, which some models put around JSON."""
    lines = text.strip().splitlines()
    is_fenced = len(lines) > 2 and lines[0].startswith("```") and lines[-1].startswith("```")
    return "\n".join(lines[1:-1]) if is_fenced else text
