"""A response in the shape of OpenAI's API.

Source: platform.openai.com/docs/api-reference/responses/object
"""

import secrets
import time
from collections.abc import Iterator
from typing import Any

from emulator.json import JsonObject
from emulator.openai.answers import logprobs, usage
from emulator.openai.model import Call, Said

#: What `include` asks for, to be told how certain each token is.
LOGPROBS = "message.output_text.logprobs"
#: Parameters that are shown with their usual value, where they are not given.
SHOWN: JsonObject = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}


def response(body: JsonObject, chat: JsonObject, said: Said) -> dict[str, Any]:
    """Return a finished response; `chat` is the request as the model was asked."""
    now = time.time()
    given = {name: body.get(name) for name in SHOWN}
    shown = {name: SHOWN[name] if value is None else value for name, value in given.items()}
    return {
        "id": f"resp_{secrets.token_hex(24)}",
        "object": "response",
        "created_at": int(now),
        "completed_at": None if said.is_cut else int(now),
        "status": "incomplete" if said.is_cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if said.is_cut else None,
        "model": body["model"],
        "output": list(_output(body, said)),
        "conversation": _conversation(body.get("conversation")),
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "service_tier": "default",
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(body.get("text") or {})},
        "tools": [_shown_tool(one) for one in body.get("tools") or ()],
        "usage": _usage(chat, said),
        **shown,
    }


def _conversation(given: Any) -> JsonObject | None:
    return {"id": conversation_id(given)} if given is not None else None


def conversation_id(given: Any) -> Any:
    """Return the id that the parameter `conversation` names, as a text or as an object."""
    return given.get("id") if isinstance(given, dict) else given


def _shown_tool(tool: JsonObject) -> JsonObject:
    if tool["type"] != "function":
        return tool
    return {"description": None, "parameters": None, "strict": True, **tool}


def _output(body: JsonObject, said: Said) -> Iterator[JsonObject]:
    if said.text or not said.calls:
        wants = LOGPROBS in (body.get("include") or ())
        certain = logprobs(said.text, body)["content"] if wants else []
        text = {"type": "output_text", "annotations": [], "logprobs": certain, "text": said.text}
        yield {
            "id": f"msg_{secrets.token_hex(24)}",
            "type": "message",
            "status": "incomplete" if said.is_cut else "completed",
            "role": "assistant",
            "content": [text],
        }
    yield from (_call(one) for one in said.calls)


def _call(call: Call) -> JsonObject:
    prefix, kind, key = ("fc", "function_call", "arguments")
    if call.is_custom:
        prefix, kind, key = ("ctc", "custom_tool_call", "input")
    return {
        "id": f"{prefix}_{secrets.token_hex(24)}",
        "type": kind,
        "status": "completed",
        "call_id": f"call_{secrets.token_hex(12)}",
        "name": call.name,
        key: call.arguments,
    }


def _usage(chat: JsonObject, said: Said) -> JsonObject:
    counted = usage(chat["messages"], said, 1)
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": counted["total_tokens"],
    }
