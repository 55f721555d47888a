"""What a model is asked, as OpenAI's API wants it.

Source: platform.openai.com/docs/api-reference/chat
"""

import base64
import json
from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel

from domain.json import JsonObject
from services.conversations.agent import CHARACTERS_PER_TOKEN, AgentRequest, Picture, Tool

#: What one person may write at once, in characters.
MAX_QUESTION_CHARS = 8000
#: What a photo of a phone costs, about (platform.openai.com/docs/guides/images-vision).
TOKENS_PER_IMAGE = 1000


def messages_of(asked: AgentRequest) -> list[JsonObject]:
    text: list[JsonObject] = [{"type": "text", "text": asked.text[:MAX_QUESTION_CHARS]}]
    question = text + [_picture(one) for one in asked.pictures]
    return [
        {"role": "system", "content": asked.prompt},
        *({"role": turn.role, "content": turn.text} for turn in asked.history),
        {"role": "user", "content": question if asked.pictures else text[0]["text"]},
    ]


def tokens_of(messages: Sequence[JsonObject], tools: Sequence[JsonObject]) -> int:
    """What it costs to ask this, about."""
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


def _picture(one: Picture) -> JsonObject:
    data = base64.b64encode(one.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{one.mime_type};base64,{data}"}}


def tool_of(ability: Tool) -> JsonObject:
    function = {
        "name": ability.name,
        "description": ability.description,
        "parameters": _schema(ability.parameters),
    }
    return {"type": "function", "function": function}


@cache
def _schema(parameters: type[BaseModel]) -> JsonObject:
    return parameters.model_json_schema()
