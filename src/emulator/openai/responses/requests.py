"""What OpenAI takes as a request for a response, and the same as a request for a chat.

Source: platform.openai.com/docs/api-reference/responses/create
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.json import JsonObject
from emulator.openai.parameters import (
    check_metadata,
    check_number,
    invalid,
    missing,
    unknown,
)
from emulator.openai.refused import RefusedRequest
from emulator.openai.requests import check_format
from emulator.openai.responses.items import Item, as_messages
from emulator.openai.structured import check_strict

KNOWN = frozenset(
    {
        *("background", "context_management", "conversation", "include", "input", "instructions"),
        *("max_output_tokens", "max_tool_calls", "metadata", "model", "parallel_tool_calls"),
        *("previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_retention"),
        *("reasoning", "safety_identifier", "service_tier", "store", "stream", "stream_options"),
        *("temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation"),
        *("user", "prompt_cache_options"),
    }
)
#: Parameters of a chat, and where they are here.
MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}
#: Parameters that say what a response goes on from.
SOURCES = ("previous_response_id", "conversation")
#: Least and most of numbers.
RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_logprobs": (0, 20),
    "max_output_tokens": (16, 10**9),
}
#: Tools that OpenAI runs itself: taken, and never used.
HOSTED = frozenset(
    {
        *("web_search", "web_search_preview", "file_search", "code_interpreter", "mcp", "shell"),
        *("image_generation", "computer", "computer_use_preview", "local_shell", "apply_patch"),
        *("tool_search", "namespace"),
    }
)


def check_response_request(body: JsonObject) -> None:
    """Raise RefusedRequest for what OpenAI would answer with 400."""
    for name in sorted(body.keys() - KNOWN):
        if name not in MOVED:
            raise unknown(name)
        message = (
            f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
            f"'{MOVED[name]}'. Try again with the new parameter."
        )
        raise RefusedRequest(message, code="unsupported_parameter")
    if body.get("prompt") is not None:
        raise RefusedRequest("Not emulated: 'prompt'.", param="prompt")
    _check_source(body)
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise missing("model")
    for name, (least, most) in RANGES.items():
        check_number(name, body.get(name), least, most)
    check_metadata(body.get("metadata"))
    _check_tools(body)


def _check_source(body: JsonObject) -> None:
    given = [name for name in SOURCES if body.get(name) is not None]
    if len(given) > 1:
        names = " or ".join(f"'{one}'" for one in given)
        raise RefusedRequest(
            f"Mutually exclusive parameters. Ensure you are only providing one of: {names}.",
            code="mutually_exclusive_parameters",
        )
    if body.get("input") is None and not given:
        raise RefusedRequest(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be "
            "provided.",
            param="input",
            code="missing_required_parameter",
        )


def as_chat(body: JsonObject, items: Sequence[Item]) -> JsonObject:
    """Return the request of a chat that asks the same of the model."""
    messages = as_messages(items)
    if body.get("instructions"):
        messages.insert(0, {"role": "system", "content": body["instructions"]})
    chat: JsonObject = {
        "model": body["model"],
        "messages": messages,
        "max_completion_tokens": body.get("max_output_tokens"),
        "tools": [_tool(one) for one in body.get("tools") or () if one["type"] not in HOSTED],
        "tool_choice": _choice(body.get("tool_choice")),
        "response_format": _format(body),
    }
    check_format(chat, "text.format")
    return {name: value for name, value in chat.items() if value}


def _tool(tool: JsonObject) -> JsonObject:
    return {"type": tool["type"], tool["type"]: {k: v for k, v in tool.items() if k != "type"}}


def _choice(choice: Any) -> Any:
    """Return a choice of tools as a chat has it; hosted tools are never used."""
    if not isinstance(choice, dict):
        return choice
    if choice.get("type") == "allowed_tools":
        tools = [_tool(one) for one in choice.get("tools") or () if one.get("type") not in HOSTED]
        return {
            "type": "allowed_tools",
            "allowed_tools": {"mode": choice.get("mode") or "auto", "tools": tools},
        }
    return "auto" if choice.get("type") in HOSTED else _tool(choice)


def _format(body: JsonObject) -> JsonObject | None:
    wanted = (body.get("text") or {}).get("format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return wanted
    return {
        "type": "json_schema",
        "json_schema": {name: value for name, value in wanted.items() if name != "type"},
    }


def _check_tools(body: JsonObject) -> None:
    tools, choice = body.get("tools") or [], body.get("tool_choice")
    if not isinstance(tools, list):
        raise invalid("tools", "expected an array")
    for place, tool in enumerate(tools):
        _check_tool(tool, f"tools[{place}]")
    if choice is None:
        return
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            known = "'none', 'auto', and 'required'"
            raise invalid("tool_choice", f"'{choice}'. Supported values are: {known}")
        if choice == "required" and not tools:
            text = "Tool choice 'required' must be specified with 'tools' parameter."
            raise RefusedRequest(text, param="tool_choice")
        return
    named = [choice, *choice.get("tools", ())] if isinstance(choice, dict) else [{}]
    offered = {one.get("name") for one in tools}
    for one in named:
        if one.get("type") in ("function", "custom") and one.get("name") not in offered:
            text = f"Tool choice '{one.get('name')}' not found in 'tools' parameter."
            raise RefusedRequest(text, param="tool_choice")


def _check_tool(tool: Any, where: str) -> None:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if kind in HOSTED:
        return
    if kind not in ("function", "custom"):
        known = ", ".join(f"'{one}'" for one in ("function", "custom", *sorted(HOSTED)))
        raise invalid(f"{where}.type", f"'{kind}'. Supported values are: {known}")
    if not tool.get("name"):
        raise missing(f"{where}.name")
    if tool.get("strict"):
        param = f"{where}.parameters"
        check_strict(tool.get("parameters") or {}, f"function '{tool['name']}'", param)
