"""What OpenAI takes as a request for a chat completion.

Source: platform.openai.com/docs/api-reference/chat/create
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.json import JsonObject
from emulator.openai.parameters import (
    check_metadata,
    check_number,
    invalid,
    json_type,
    missing,
    unknown,
)
from emulator.openai.refused import RefusedRequest
from emulator.openai.structured import check_strict

KNOWN = frozenset(
    {
        *("audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs"),
        *("max_completion_tokens", "max_tokens", "messages", "metadata", "modalities", "model"),
        *("n", "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key"),
        *("prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier"),
        *("seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature"),
        *("tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity"),
        *("web_search_options",),
    }
)
ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})
#: Least and most of numbers.
RANGES: Mapping[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "n": (1, 128),
    "top_logprobs": (0, 20),
    "max_completion_tokens": (1, 10**9),
    "max_tokens": (1, 10**9),
}
#: Models that reason: they take `max_completion_tokens` only.
REASONING = re.compile(r"(o\d|gpt-5)")
MAX_STOPS = 4


def check_request(body: JsonObject) -> None:
    """Raise RefusedRequest for what OpenAI would answer with 400."""
    if strangers := sorted(body.keys() - KNOWN):
        raise unknown(strangers[0])
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise RefusedRequest("you must provide a model parameter")
    for name, (least, most) in RANGES.items():
        check_number(name, body.get(name), least, most)
    check_metadata(body.get("metadata"))
    if body.get("max_tokens") is not None and REASONING.match(body["model"]):
        raise RefusedRequest(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    stops = body.get("stop")
    if isinstance(stops, list) and len(stops) > MAX_STOPS:
        raise invalid("stop", f"array too long. Expected at most {MAX_STOPS} items")
    check_messages(body.get("messages"))
    _check_tools(body)
    check_format(body)


def check_messages(messages: Any) -> None:
    """Raise RefusedRequest for a conversation that cannot be."""
    if not isinstance(messages, list) or not messages:
        raise invalid("messages", "empty array. Expected an array with minimum length 1")
    open_calls: set[str] = set()
    for place, message in enumerate(messages):
        where = f"messages[{place}]"
        if not isinstance(message, dict):
            raise invalid(where, "expected an object")
        role = message.get("role")
        if role not in ROLES:
            known = ", ".join(f"'{one}'" for one in sorted(ROLES))
            raise invalid(f"{where}.role", f"'{role}'. Supported values are: {known}")
        _check_content(message, where)
        if role == "tool":
            _check_result(message, open_calls, where)
            continue
        _require_results(open_calls, where)
        open_calls = {str(one.get("id")) for one in message.get("tool_calls") or ()}
    _require_results(open_calls, "messages")


def _check_content(message: JsonObject, where: str) -> None:
    content = message.get("content")
    if content is None and message["role"] == "assistant":
        return
    if content is None or not isinstance(content, str | list):
        raise RefusedRequest(
            f"Invalid value for 'content': expected a string, got {json_type(content)}.",
            param=f"{where}.content",
        )
    for place, part in enumerate(content if isinstance(content, list) else ()):
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise missing(f"{where}.content[{place}].type")
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise missing(f"{where}.content[{place}].text")


def _check_result(message: JsonObject, open_calls: set[str], where: str) -> None:
    if "tool_call_id" not in message:
        raise missing(f"{where}.tool_call_id")
    if message["tool_call_id"] not in open_calls:
        text = "messages with role 'tool' must be a response to a preceeding message with"
        raise RefusedRequest(f"Invalid parameter: {text} 'tool_calls'.", param=f"{where}.role")
    open_calls.discard(message["tool_call_id"])


def _require_results(open_calls: set[str], where: str) -> None:
    if open_calls:
        missing = ", ".join(sorted(open_calls))
        raise RefusedRequest(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{missing}",
            param=where,
        )


def names_of(tools: Sequence[JsonObject]) -> list[str]:
    """Return the names of tools, functions and custom ones."""
    return [str((one.get(str(one.get("type"))) or {}).get("name")) for one in tools]


def _check_tools(body: JsonObject) -> None:
    tools, choice = body.get("tools"), body.get("tool_choice")
    if tools is not None and (not isinstance(tools, list) or not tools):
        raise invalid("tools", "empty array. Expected an array with minimum length 1")
    for place, tool in enumerate(tools or ()):
        _check_tool(tool, f"tools[{place}]")
    if choice is None:
        return
    if not tools:
        message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
        raise RefusedRequest(f"{message}specified.", param="tool_choice")
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            known = "'none', 'auto', and 'required'"
            raise invalid("tool_choice", f"'{choice}'. Supported values are: {known}")
        return
    named = names_of([choice]) if isinstance(choice, dict) else ["None"]
    if choice.get("type") != "allowed_tools" and named[0] not in names_of(tools):
        raise RefusedRequest(
            f"Invalid value for 'tool_choice': no tool named '{named[0]}' was specified in "
            "the 'tools' parameter.",
            param="tool_choice",
        )


def _check_tool(tool: Any, where: str) -> None:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if kind not in ("function", "custom"):
        known = "'function' and 'custom'"
        raise invalid(f"{where}.type", f"'{kind}'. Supported values are: {known}")
    described = tool.get(kind)
    if not isinstance(described, dict) or not described.get("name"):
        raise missing(f"{where}.{kind}.name")
    name = described["name"]
    if described.get("strict"):
        param = f"{where}.function.parameters"
        check_strict(described.get("parameters") or {}, f"function '{name}'", param)


def check_format(body: JsonObject, param: str = "response_format") -> None:
    """Raise RefusedRequest for a `response_format` that is none; `param` is what it is called."""
    wanted = body.get("response_format")
    if wanted is None:
        return
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind not in ("text", "json_object", "json_schema"):
        known = "'json_object', 'json_schema', and 'text'"
        raise invalid(f"{param}.type", f"'{kind}'. Supported values are: {known}")
    if kind == "json_object" and "json" not in str(body["messages"]).lower():
        asked = "messages" if param == "response_format" else "input"
        text = f"'{asked}' must contain the word 'json' in some form, to use '{param}' of"
        raise RefusedRequest(f"{text} type 'json_object'.", param=asked)
    if kind == "json_schema":
        given = wanted.get("json_schema")
        inner = f"{param}.json_schema" if param == "response_format" else param
        for name in ("name", "schema"):
            if not isinstance(given, dict) or not given.get(name):
                raise missing(f"{inner}.{name}")
        if given.get("strict"):
            where = f"response_format '{given['name']}'"
            schema = param if param == "response_format" else f"{param}.schema"
            check_strict(given["schema"], where, schema)
