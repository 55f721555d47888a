"""The items of a request, as the messages of a chat.

Source: platform.openai.com/docs/api-reference/responses/create (input)
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.json import JsonObject
from emulator.openai.parameters import invalid, json_type, missing
from emulator.openai.refused import RefusedRequest

Item = Mapping[str, Any]
ROLES = ("user", "assistant", "system", "developer")
#: Types of the parts of a message, by who writes it: its own words, or what the model reads.
SAID = ("output_text", "refusal")
READ = ("input_text", "input_image", "input_file", "input_audio")
CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
#: Items that clients send back and that say nothing to this model.
SILENT = frozenset(
    {
        *("reasoning", "compaction", "web_search_call", "file_search_call", "computer_call"),
        *("image_generation_call", "code_interpreter_call", "mcp_call", "mcp_list_tools"),
    }
)


def read_items(given: Any) -> list[Item]:
    """Return the items of `input`, messages in full, each with an id; RefusedRequest for others."""
    if given is None:
        return []
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise invalid("input", "empty array. Expected an array with minimum length 1")
    return items_of(given, "input")


def items_of(given: Sequence[Any], where: str) -> list[Item]:
    """Return items as `read_items` does; `where` is the parameter that has them."""
    return [_read(one, f"{where}[{place}]") for place, one in enumerate(given)]


def _read(item: Any, where: str) -> Item:
    if not isinstance(item, dict):
        raise invalid(where, "expected an object")
    kind = item.get("type", "message")
    if kind == "message":
        return _read_message(item, where)
    if kind in CALLS:
        return _with(item, where, "call_id", "name", CALLS[kind])
    if kind in RESULTS:
        return _with(item, where, "call_id", "output")
    if kind not in (*SILENT, "item_reference"):
        known = ", ".join(f"'{one}'" for one in ("message", *CALLS, *sorted(RESULTS)))
        raise invalid(f"{where}.type", f"'{kind}'. Supported values are: {known}")
    return item if kind == "item_reference" else _with(item, where)


def _with(item: JsonObject, where: str, *names: str) -> Item:
    for name in names:
        if item.get(name) is None:
            raise missing(f"{where}.{name}")
    return {**_own("item"), **_given(item)}


def _read_message(item: JsonObject, where: str) -> Item:
    role, content = item.get("role"), item.get("content")
    if role not in ROLES:
        known = ", ".join(f"'{one}'" for one in ROLES)
        raise invalid(f"{where}.role", f"'{role}'. Supported values are: {known}")
    allowed = SAID if role == "assistant" else READ
    if isinstance(content, str):
        content = [{"type": allowed[0], "text": content}]
    if not isinstance(content, list):
        problem = f"expected a string or an array, got {json_type(content)}"
        raise invalid(f"{where}.content", problem)
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind not in allowed:
            known = ", ".join(f"'{one}'" for one in allowed)
            problem = f"'{kind}'. Supported values are: {known}"
            raise invalid(f"{where}.content[{place}].type", problem)
    return {**_own("msg"), "type": "message", **_given(item), "content": content}


def _own(prefix: str) -> JsonObject:
    """Return what the server gives an item that comes without it."""
    return {"id": f"{prefix}_{secrets.token_hex(12)}", "status": "completed"}


def _given(item: JsonObject) -> JsonObject:
    """Return an item without an id and a status that are null, as clients send them back."""
    return {k: v for k, v in item.items() if v is not None or k not in ("id", "status")}


def as_messages(items: Iterable[Item]) -> list[JsonObject]:
    """Return a conversation as a chat; RefusedRequest for calls and results without each other."""
    messages: list[JsonObject] = []
    calls: set[str] = set()
    answered: set[str] = set()
    for item in items:
        kind = item.get("type", "message")
        if kind == "message":
            content = [_part(one) for one in item["content"]]
            messages.append({"role": item["role"], "content": content})
        elif kind in CALLS:
            calls.add(item["call_id"])
            _add_call(messages, item)
        elif kind in RESULTS:
            if item["call_id"] not in calls:
                text = f"No tool call found for {kind.replace('_', ' ')} with call_id"
                raise RefusedRequest(f"{text} {item['call_id']}.", param="input")
            answered.add(item["call_id"])
            messages.append(_result(item))
    if missing_results := sorted(calls - answered):
        text = f"No tool output found for function call {missing_results[0]}."
        raise RefusedRequest(text, param="input")
    return messages


def _add_call(messages: list[JsonObject], item: Item) -> None:
    """Put a call beside those of the same answer."""
    if not messages or messages[-1]["role"] != "assistant":
        messages.append({"role": "assistant", "content": None})
    kind, key = (
        ("custom", "input")
        if item["type"] == "custom_tool_call"
        else (
            "function",
            "arguments",
        )
    )
    called = {"name": item["name"], key: item[key]}
    made = {"id": item["call_id"], "type": kind, kind: called}
    messages[-1]["tool_calls"] = [*messages[-1].get("tool_calls", ()), made]


def _result(item: Item) -> JsonObject:
    output = item["output"]
    content = [_part(one) for one in output] if isinstance(output, list) else str(output)
    return {"role": "tool", "tool_call_id": item["call_id"], "content": content}


def _part(part: Item) -> JsonObject:
    """Return a part of a message as a chat has it."""
    match part["type"]:
        case "input_image":
            return {"type": "image_url", "image_url": {"url": part.get("image_url") or ""}}
        case "input_file":
            return {"type": "file", "file": {"filename": part.get("filename")}}
        case "input_audio":
            return {"type": "input_audio", "input_audio": part.get("input_audio")}
    return {"type": "text", "text": part.get("text") or part.get("refusal") or ""}


def resolved(items: Sequence[Item], earlier: Iterable[Item]) -> list[Item]:
    """Return items with those that are only named; `earlier` has all that can be named."""
    known = {one.get("id"): one for one in earlier}
    found = []
    for item in items:
        if item.get("type") == "item_reference":
            if item.get("id") not in known:
                text = f"Item with id '{item.get('id')}' not found."
                raise RefusedRequest(text, param="input", status=404)
            item = known[item["id"]]
        found.append(item)
    return found
