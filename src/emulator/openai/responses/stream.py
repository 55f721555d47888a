"""A response as a stream of events, each with a number of its own.

Source: platform.openai.com/docs/api-reference/responses-streaming
"""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from emulator.json import JsonObject
from emulator.openai.answers import PIECE

#: What a tool call is asked with, by its type.
ASKED = {
    "function_call": ("arguments", "response.function_call_arguments"),
    "custom_tool_call": ("input", "response.custom_tool_call_input"),
}
FAILURE = {"code": "server_error", "message": "The server had an error.", "param": None}


def stream(response: JsonObject, *, fails: bool = False) -> Iterator[bytes]:
    """Yield the events of a finished response; one that `fails` ends with an error instead."""
    numbers = count()

    def event(kind: str, **content: Any) -> bytes:
        body = {"type": kind, "sequence_number": next(numbers), **content}
        return f"event: {kind}\ndata: {json.dumps(body)}\n\n".encode()

    begun: JsonObject = {"status": "in_progress", "completed_at": None, "output": [], "usage": None}
    for kind in ("response.created", "response.in_progress"):
        yield event(kind, response={**response, **begun, "incomplete_details": None})
    for index, item in enumerate(response["output"]):
        for kind, content in _events(item):
            yield event(kind, output_index=index, **content)
    if fails:
        yield event("error", **FAILURE)
        return
    yield event(f"response.{response['status']}", response=response)


def _events(item: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield what happens while an item is made."""
    if item["type"] == "message":
        begun: JsonObject = {**item, "status": "in_progress", "content": []}
        happened = _text_events(item)
    else:
        begun = {**item, "status": "in_progress", ASKED[item["type"]][0]: ""}
        happened = _call_events(item)
    yield "response.output_item.added", {"item": begun}
    for kind, content in happened:
        yield kind, {"item_id": item["id"], **content}
    yield "response.output_item.done", {"item": item}


def _text_events(item: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    [part] = item["content"]
    place = {"content_index": 0}
    yield "response.content_part.added", {**place, "part": {**part, "text": "", "logprobs": []}}
    for piece in _pieces(part["text"]):
        yield "response.output_text.delta", {**place, "delta": piece, "logprobs": []}
    done = {**place, "text": part["text"], "logprobs": part["logprobs"]}
    yield "response.output_text.done", done
    yield "response.content_part.done", {**place, "part": part}


def _call_events(item: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    key, prefix = ASKED[item["type"]]
    for piece in _pieces(item[key]):
        yield f"{prefix}.delta", {"delta": piece}
    done = {key: item[key]} | ({"name": item["name"]} if key == "arguments" else {})
    yield f"{prefix}.done", done


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
