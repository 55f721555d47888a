"""Answers in the shapes of OpenAI's API: whole, or as a stream of server-sent events.

Source: platform.openai.com/docs/api-reference/chat
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.openai.dialect import Dialect
from emulator.openai.model import Said

#: Characters in one chunk of a stream.
PIECE = 12
CHARACTERS_PER_TOKEN = 4


def completion(model: str, said: Said, prompt: str) -> dict[str, Any]:
    """A chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.calls:
        message["tool_calls"] = list(_calls(said))
    choice = {"index": 0, "message": message, "finish_reason": _reason(said), "logprobs": None}
    return {
        **_head(model, "chat.completion"),
        "choices": [choice],
        "usage": _usage(prompt, said),
    }


def stream(
    model: str, said: Said, prompt: str, dialect: Dialect, *, with_usage: bool
) -> Iterator[bytes]:
    """The events of a streamed chat completion, in the dialect of a server."""
    head = _head(model, "chat.completion.chunk")

    def event(delta: Mapping[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return _event({**head, "choices": [choice]})

    yield event({"role": "assistant", "content": ""})
    if dialect.has_null_choices:
        yield _event({**head, "choices": None})
    text = dialect.text(said)
    for start in range(0, len(text), PIECE):
        yield event({"content": text[start : start + PIECE]})
    for index, call in enumerate(() if dialect.written_calls else _calls(said)):
        for piece in dialect.pieces(index, call):
            yield event({"tool_calls": [piece]})
    if dialect.has_error:
        yield _event({"error": {"message": "out of memory", "code": 500}})
    yield event({}, _reason(said) if dialect.has_finish_reason else None)
    if with_usage:
        yield _event({**head, "choices": [], "usage": _usage(prompt, said)})
    yield b"data: [DONE]\n\n"


def cut(said: Said, tokens: int) -> Said:
    """No more of its text than that."""
    most = tokens * CHARACTERS_PER_TOKEN
    return replace(said, text=said.text[:most], is_cut=True) if len(said.text) > most else said


def error(status: int, message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _head(model: str, kind: str) -> dict[str, Any]:
    made = f"chatcmpl-{secrets.token_hex(8)}"
    return {"id": made, "object": kind, "created": int(time.time()), "model": model}


def _calls(said: Said) -> Iterator[dict[str, Any]]:
    for call in said.calls:
        called = {"name": call.name, "arguments": call.arguments}
        yield {"id": f"call_{secrets.token_hex(6)}", "type": "function", "function": called}


def _reason(said: Said) -> str:
    if said.is_cut:
        return "length"
    return "tool_calls" if said.calls else "stop"


def _usage(prompt: str, said: Said) -> dict[str, int]:
    asked, answered = (len(one) // CHARACTERS_PER_TOKEN + 1 for one in (prompt, said.text))
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


def _event(body: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()
