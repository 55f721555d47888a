"""Requests for chat completions, and answers assembled from a stream.

Sources: platform.openai.com/docs/api-reference/chat and .../chat-streaming
"""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import BaseModel

from domain.json import JsonObject
from services.agent import CHARACTERS_PER_TOKEN, AgentRequest, Picture, Tool
from services.clients.openai.reasoning import without_reasoning
from services.clients.openai.stream import Done
from services.clients.openai.streamed_calls import StreamedToolCall, add_piece
from services.clients.openai.written_calls import read_calls

#: Longest question that is passed on, in characters; the rest is cut.
MAX_QUESTION_CHARS = 8000
#: Estimated tokens of a photo (platform.openai.com/docs/guides/images-vision).
TOKENS_PER_IMAGE = 1000


def messages_of(asked: AgentRequest) -> list[JsonObject]:
    """Return prompt, history and question as messages."""
    text: list[JsonObject] = [{"type": "text", "text": asked.text[:MAX_QUESTION_CHARS]}]
    question = text + [_picture(picture) for picture in asked.pictures]
    return [
        {"role": "system", "content": asked.prompt},
        *({"role": turn.role, "content": turn.text} for turn in asked.history),
        {"role": "user", "content": question if asked.pictures else text[0]["text"]},
    ]


def tokens_of(messages: Sequence[JsonObject], tools: Sequence[JsonObject]) -> int:
    """Return the estimated size of a request, in tokens."""
    characters, pictures = len(json.dumps(tools, ensure_ascii=False)), 0
    for message in messages:
        content = message["content"] or ""
        if isinstance(content, list):  # a text and its pictures
            pictures += len(content) - 1
            content = content[0]["text"]
        characters += len(content)
        for call in message.get("tool_calls", ()):
            characters += len(call["function"]["name"]) + len(call["function"]["arguments"])
    return characters // CHARACTERS_PER_TOKEN + pictures * TOKENS_PER_IMAGE


def _picture(picture: Picture) -> JsonObject:
    data = base64.b64encode(picture.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.mime_type};base64,{data}"}}


def tool_of(tool: Tool) -> JsonObject:
    """Return a tool as OpenAI describes functions."""
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": _schema(tool.parameters),
    }
    return {"type": "function", "function": function}


@cache
def _schema(parameters: type[BaseModel]) -> JsonObject:
    return parameters.model_json_schema()


@dataclass(slots=True)
class Completion:
    """An answer of the model, assembled from the events of a stream."""

    #: Estimated size of the request, in tokens.
    asked: int = 0
    #: Names of the tools that the model may call.
    names: Collection[str] = ()
    #: Whether the text is JSON that was asked for, and no call of a tool.
    is_data: bool = False
    #: Text as it came, with whatever the model thought or called in it.
    raw: str = ""
    calls: list[StreamedToolCall] = field(default_factory=list)
    #: Reported size of request and answer, in tokens; 0 before the last event.
    tokens: int = 0
    is_whole: bool = False
    #: Whether the server reports an error in place of an answer.
    is_refused: bool = False
    #: Text for the person; set by `finish`.
    text: str = ""

    def add(self, event: Any) -> None:
        """Append an event of the stream; what is none of an answer is ignored."""
        if isinstance(event, Done):
            self.is_whole |= self.length > 0
        if not isinstance(event, Mapping):
            return
        self.is_refused |= bool(event.get("error"))
        usage = event.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, Mapping) else None
        self.tokens = tokens if isinstance(tokens, int) and tokens > 0 else self.tokens
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, Mapping):
            self._add_choice(choice)

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        delta = choice.get("delta") or choice.get("message")  # the latter of a whole answer
        if isinstance(delta, Mapping):
            self.raw += _text_of(delta.get("content"))
            for piece in _pieces_of(delta):
                add_piece(self.calls, piece, self.names)
        self.is_whole |= bool(choice.get("finish_reason"))

    def finish(self) -> None:
        """Separate the text for the person from reasoning and from calls written into it."""
        said = without_reasoning(self.raw)
        self.text, written = (said.strip(), []) if self.is_data else read_calls(said)
        if not self.calls:  # else they are the same calls, told twice
            self.calls += [StreamedToolCall("", call.name, call.arguments) for call in written]
        seen = {""}
        for place, call in enumerate(self.calls):
            call.id = f"call_{place}" if call.id in seen else call.id
            seen.add(call.id)

    @property
    def length(self) -> int:
        """Return the number of characters received so far."""
        return len(self.raw) + sum(len(call.name) + len(call.arguments) for call in self.calls)

    @property
    def cost(self) -> int:
        """Return the tokens of request and answer: an estimate if the stream ended early."""
        return self.tokens or self.asked + self.length // CHARACTERS_PER_TOKEN

    def message(self) -> JsonObject:
        """Return the message that repeats this answer in the next request."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in self.calls
        ]
        return {"role": "assistant", "content": self.text or None, "tool_calls": calls}


def _pieces_of(delta: Mapping[str, Any]) -> Sequence[Any]:
    """Return pieces of tool calls; servers of before tools send the only one as `function_call`."""
    pieces, old = delta.get("tool_calls"), delta.get("function_call")
    if isinstance(pieces, list) and pieces:  # servers that send both tell the same call twice
        return pieces
    return [{"index": 0, "function": old}] if isinstance(old, Mapping) else []


def _text_of(content: Any) -> str:
    """Return a text, or the texts among its parts: some servers put reasoning into other parts."""
    if isinstance(content, list):
        parts = [one for one in content if isinstance(one, Mapping) and one.get("type") == "text"]
        return "".join(_text_of(one.get("text")) for one in parts)
    return content if isinstance(content, str) else ""
