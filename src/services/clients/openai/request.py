"""Requests for chat completions: messages, tools and their estimated size.

Source: platform.openai.com/docs/api-reference/chat
"""

import base64
import json
from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel

from domain.json import JsonObject
from services.agent import CHARACTERS_PER_TOKEN, AgentRequest, Picture, Tool

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
