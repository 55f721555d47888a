"""Tool calls that a model writes into its text, because the server does not know its template.

Known: `{"name": …, "parameters": …}` and its relatives alone, in a list, in a code fence or in a
sentence (Llama); `<tool_call>…</tool_call>` (Hermes, Qwen); `<function=name>…</function>`;
`[TOOL_CALLS]…` (Mistral); `<|python_tag|>…`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

#: Most characters in which calls are looked for, and most places in them.
MAX_CHARS, MAX_PLACES = 20_000, 20
#: Keys under which models write the name and the arguments of a call.
NAME_KEYS = ("name", "tool_name", "tool", "function")
ARGUMENT_KEYS = ("parameters", "arguments", "args", "tool_input", "input")
_KEYS = "|".join((*NAME_KEYS, *ARGUMENT_KEYS, "type", "tool_calls", "id"))
#: Start of an object that may be a call, with the list that holds it.
OBJECT = re.compile(rf'(?:\[\s*)?\{{\s*"(?:{_KEYS})"\s*:')
#: Whole blocks that hold nothing but a call, also unclosed.
BLOCK = re.compile(
    r"<(tool_calls?|function_calls?|tools)>(?P<body>.*?)(?:</\1>|\Z)"
    r"|(?:\[TOOL_CALLS\]|<\|python_tag\|>)(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
#: <function=look_up>{…}</function>, and parameters as tags of their own.
FUNCTION = re.compile(
    r"<function=(?P<name>[\w.-]{1,64})>(?P<body>.*?)(?:</function>|\Z)", re.DOTALL
)
PARAMETER = re.compile(r"<parameter=([\w.-]{1,64})>(.*?)(?:</parameter>|\Z)", re.DOTALL)
#: look_up{"about": …}, as Mistral's newer models write it.
NAMED = re.compile(r"\s*([\w.-]{1,64})\s*(?:\[ARGS\])?\s*(?=\{)")
FENCE = re.compile(r"```[\w-]*\s*(.*?)\s*(?:```|\Z)", re.DOTALL)
EMPTY_FENCE = re.compile(r"```[\w-]*\s*(?:```|\Z)")
DECODER = json.JSONDecoder()


class WrittenCall(NamedTuple):
    """A tool call as the model wrote it; `arguments` is JSON."""

    name: str
    arguments: str


def read_calls(text: str) -> tuple[str, list[WrittenCall]]:
    """Return the text without the tool calls in it, and these calls.

    A text that is nothing but JSON, or what is left of it, is for no person: it becomes empty.
    """
    if not any(mark in text for mark in ("{", "<", "[")):
        return text, []
    text, long_rest = text[:MAX_CHARS], text[MAX_CHARS:]
    calls: list[WrittenCall] = []
    text = FUNCTION.sub(lambda found: _take(calls, _function(found)), text)
    text = BLOCK.sub(lambda found: _take(calls, _block(found)), text)
    text = _take_objects(text, calls)
    text = (EMPTY_FENCE.sub("", text) if calls else text) + long_rest
    return ("" if is_json(text) else text.strip()), calls


def is_json(text: str) -> bool:
    """Return whether a text is an object of JSON, or begins as one and breaks off."""
    text = text.strip()
    if fenced := FENCE.fullmatch(text):
        text = fenced[1]
    return re.match(r'\[?\s*\{\s*(?:"|\}|\Z)', text) is not None and _ends_as_json(text)


def _ends_as_json(text: str) -> bool:
    """Whether nothing but white space follows the value, which may lack its end."""
    try:
        _, end = DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return True
    return not text[end:].strip()


def _take(calls: list[WrittenCall], found: Iterator[WrittenCall]) -> str:
    calls.extend(found)
    return ""


def _function(found: re.Match[str]) -> Iterator[WrittenCall]:
    value = _value_at(found["body"].strip())
    if not isinstance(value, dict):
        value = {key: _literal(given.strip()) for key, given in PARAMETER.findall(found["body"])}
    yield WrittenCall(found["name"], json.dumps(value))


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _block(found: re.Match[str]) -> Iterator[WrittenCall]:
    body = found["body"] if found["body"] is not None else found["rest"]
    if named := NAMED.match(body):
        value = _value_at(body[named.end() :])
        yield WrittenCall(named[1], json.dumps(value if isinstance(value, dict) else {}))
        return
    place = 0
    for _ in range(MAX_PLACES):
        start = body.find("{", place)
        if start < 0:
            return
        value, place = _decode(body, start)
        yield from _calls_of(value)


def _take_objects(text: str, calls: list[WrittenCall]) -> str:
    """Take the calls among the objects in a text, and return what is left of the text."""
    kept, place = [], 0
    for _ in range(MAX_PLACES):
        match = OBJECT.search(text, place)
        if match is None:
            break
        value, end = _decode(text, match.start())
        found = [*_calls_of(value)]
        calls += found
        kept.append(text[place : match.start() if found else end])
        place = end
    return "".join(kept) + text[place:]


def _decode(text: str, start: int) -> tuple[Any, int]:
    """Return the value that begins there and where it ends; small models forget a bracket."""
    try:
        return DECODER.raw_decode(text, start)
    except RecursionError:
        return None, len(text)
    except ValueError:
        value = _value_at(text[start:].rstrip().removesuffix("```").rstrip())
        return (value, len(text)) if value is not None else (None, start + 1)


def _value_at(text: str) -> Any:
    """Return the value that a text begins with, its last brackets added; None if it has none."""
    for missing in ("", "}", "}}", "]", "}]", "}}]"):
        try:
            return DECODER.raw_decode(text + missing)[0]
        except ValueError:
            continue
        except RecursionError:
            return None
    return None


def _calls_of(value: Any) -> Iterator[WrittenCall]:
    """Yield the calls that a value is, or a list of them."""
    if isinstance(value, list):
        for one in value:
            yield from _calls_of(one)
    elif isinstance(value, Mapping):
        if isinstance(value.get("tool_calls"), list):
            yield from _calls_of(value["tool_calls"])
        elif isinstance(value.get("function"), Mapping):
            yield from _calls_of(value["function"])
        else:
            yield from _plain_call(value)


def _plain_call(value: Mapping[str, Any]) -> Iterator[WrittenCall]:
    name = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    key = next((key for key in ARGUMENT_KEYS if key in value), None)
    if name is None or (key is None and value.get("type") != "function"):
        return
    arguments = (value[key] if key is not None else None) or {}
    yield WrittenCall(name, arguments if isinstance(arguments, str) else json.dumps(arguments))
