"""What a model is asked, as OpenAI's API wants it.

Source: platform.openai.com/docs/api-reference/chat
"""

import base64
from functools import cache
from typing import Any

from pydantic import BaseModel

from services.agent import Ability, Asked, Picture

#: What one person may write at once, in characters.
LONGEST_QUESTION = 8000

Json = dict[str, Any]


def messages_of(asked: Asked) -> list[Json]:
    text: list[Json] = [{"type": "text", "text": asked.text[:LONGEST_QUESTION]}]
    question = text + [_picture(one) for one in asked.pictures]
    return [
        {"role": "system", "content": asked.prompt},
        *({"role": turn.role, "content": turn.text} for turn in asked.history),
        {"role": "user", "content": question if asked.pictures else text[0]["text"]},
    ]


def _picture(one: Picture) -> Json:
    data = base64.b64encode(one.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{one.mime_type};base64,{data}"}}


def tool_of(ability: Ability) -> Json:
    function = {
        "name": ability.name,
        "description": ability.description,
        "parameters": _schema(ability.parameters),
    }
    return {"type": "function", "function": function}


@cache
def _schema(parameters: type[BaseModel]) -> Json:
    return parameters.model_json_schema()
