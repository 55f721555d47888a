"""Answers in the shapes of OpenAI's API: whole, or as a stream of server-sent events.

Source: platform.openai.com/docs/api-reference/chat
"""

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.json import JsonObject
from emulator.openai.dialect import Dialect
from emulator.openai.model import Said, parts_of, text_of

#: Characters in one chunk of a stream.
PIECE = 12
CHARACTERS_PER_TOKEN = 4
#: Tokens that a picture, a sound or a file costs.
TOKENS_OF_FILE = 85


def completion(request: JsonObject, said: Said) -> dict[str, Any]:
    """A chat completion; each of `n` choices is the same."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": said.text or None,
        "refusal": None,
        "annotations": [],
    }
    if said.calls:
        message["tool_calls"] = list(_calls(said))
    certain = logprobs(said.text, request) if request.get("logprobs") else None
    count = request.get("n") or 1
    choices = [
        {"index": one, "message": message, "finish_reason": _reason(said), "logprobs": certain}
        for one in range(count)
    ]
    counted = usage(request["messages"], said, count)
    head = _head(request["model"], "chat.completion")
    return {**head, "choices": choices, "usage": counted, "service_tier": "default"}


def stream(request: JsonObject, said: Said, dialect: Dialect) -> Iterator[bytes]:
    """The events of a streamed chat completion, in the dialect of a server."""
    head = _head(request["model"], "chat.completion.chunk")

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
    if (request.get("stream_options") or {}).get("include_usage"):
        yield _event({**head, "choices": [], "usage": usage(request["messages"], said, 1)})
    yield b"data: [DONE]\n\n"


def cut(said: Said, request: JsonObject) -> Said:
    """No more of its text than the request wants: up to a stop, and to a number of tokens."""
    stops = request.get("stop") or []
    text = said.text
    for stop in [stops] if isinstance(stops, str) else stops:
        text = text.partition(stop)[0]
    said = replace(said, text=text)
    tokens = request.get("max_completion_tokens") or request.get("max_tokens")
    most = (tokens or len(text)) * CHARACTERS_PER_TOKEN
    return replace(said, text=text[:most], is_cut=True) if len(text) > most else said


def error(
    message: str, kind: str, code: str | None = None, param: str | None = None
) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _head(model: str, kind: str) -> dict[str, Any]:
    made = f"chatcmpl-{secrets.token_hex(8)}"
    return {"id": made, "object": kind, "created": int(time.time()), "model": model}


def _calls(said: Said) -> Iterator[dict[str, Any]]:
    for call in said.calls:
        kind, key = ("custom", "input") if call.is_custom else ("function", "arguments")
        called = {"name": call.name, key: call.arguments}
        yield {"id": f"call_{secrets.token_hex(6)}", "type": kind, kind: called}


def _reason(said: Said) -> str:
    if said.is_cut:
        return "length"
    return "tool_calls" if said.calls else "stop"


def usage(messages: Sequence[JsonObject], said: Said, count: int) -> dict[str, Any]:
    """Return what a request and `count` answers to it cost, in tokens."""
    asked = tokens("\n".join(text_of(one) for one in messages)) + sum(
        TOKENS_OF_FILE for one in messages for part in parts_of(one) if part["type"] != "text"
    )
    answered = tokens(said.text + "".join(call.arguments for call in said.calls)) * count
    spoken = {"audio_tokens": 0}
    predicted = {"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": 0, **spoken},
        "completion_tokens_details": {"reasoning_tokens": 0, **spoken, **predicted},
    }


def tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return len(text) // CHARACTERS_PER_TOKEN + 1


def logprobs(text: str, request: JsonObject) -> dict[str, Any]:
    """Every token is certain."""
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    made = [{"token": one, "logprob": 0.0, "bytes": list(one.encode())} for one in pieces]
    most = request.get("top_logprobs") or 0
    content = [{**one, "top_logprobs": [one][:most]} for one in made]
    return {"content": content, "refusal": None}


def _event(body: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()
