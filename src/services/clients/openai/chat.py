"""Requests for chat completions, and answers assembled from the chunks of a stream.

Sources: platform.openai.com/docs/api-reference/chat and .../chat-streaming
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from pydantic import BaseModel

from domain.json import JsonObject
from services.agent import CHARACTERS_PER_TOKEN, AgentRequest, Picture, Tool

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk

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
class StreamedToolCall:
    """A tool call of the model, assembled from chunks."""

    id: str = ""
    name: str = ""
    #: Arguments as the model writes them: usually valid JSON.
    arguments: str = ""


@dataclass(slots=True)
class Completion:
    """An answer of the model, assembled from chunks."""

    #: Estimated size of the request, in tokens.
    asked: int = 0
    text: str = ""
    calls: dict[int, StreamedToolCall] = field(default_factory=dict)
    #: Reported size of request and answer, in tokens; 0 before the last chunk.
    tokens: int = 0
    is_whole: bool = False

    def add(self, chunk: "ChatCompletionChunk") -> None:
        """Append a chunk of the stream."""
        if chunk.usage is not None:
            self.tokens = chunk.usage.total_tokens
        for choice in chunk.choices[:1]:
            self.text += choice.delta.content or ""
            for piece in choice.delta.tool_calls or ():
                call = self.calls.setdefault(piece.index, StreamedToolCall())
                call.id = piece.id or call.id
                if piece.function is not None:
                    call.name += piece.function.name or ""
                    call.arguments += piece.function.arguments or ""
            self.is_whole |= choice.finish_reason is not None

    @property
    def length(self) -> int:
        """Return the number of characters received so far."""
        return len(self.text) + sum(
            len(call.name) + len(call.arguments) for call in self.calls.values()
        )

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
            for call in self.calls.values()
        ]
        return {"role": "assistant", "content": self.text or None, "tool_calls": calls}
