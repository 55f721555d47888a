"""The language model that answers free text: OpenAI's, or any server that speaks its API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import httpx

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionMessageParam

ANSWER_SECONDS = 30.0
#: What one person may write at once, in characters.
LONGEST_QUESTION = 4000
#: Turns of the conversation that the model sees.
LONGEST_HISTORY = 20


class AssistantUnavailable(Exception):
    """The model gave no answer."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One side's words."""

    role: Literal["user", "assistant"]
    text: str


class Assistant(Protocol):
    """Answers free text. Put your own agent in its place."""

    async def reply(self, history: Sequence[ChatTurn], text: str, *, prompt: str) -> str:
        """The answer to `text`; raises AssistantUnavailable."""
        ...


class OpenAIService:
    """Chat completions."""

    def __init__(self, client: "AsyncOpenAI", *, model: str) -> None:
        self._client = client
        self._model = model

    async def reply(self, history: Sequence[ChatTurn], text: str, *, prompt: str) -> str:
        """The answer to `text` after `history`, under a system prompt."""
        from openai import OpenAIError  # takes a second to import, which no test should pay

        turns = [*history[-LONGEST_HISTORY:], ChatTurn("user", text[:LONGEST_QUESTION])]
        messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": prompt}]
        for turn in turns:
            if turn.role == "user":
                messages.append({"role": "user", "content": turn.text})
            else:
                messages.append({"role": "assistant", "content": turn.text})
        try:
            completion = await self._client.chat.completions.create(
                model=self._model, messages=messages
            )
        except OpenAIError as error:
            raise AssistantUnavailable("the model did not answer") from error
        answer = completion.choices[0].message.content if completion.choices else None
        if not answer or not answer.strip():
            raise AssistantUnavailable("the model said nothing")
        return answer.strip()


def make_openai(*, api_key: str, base_url: str, http: httpx.AsyncClient) -> "AsyncOpenAI":
    """The SDK's client, over our HTTP client."""
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        http_client=http,  # type: ignore[arg-type] # the SDK takes httpx's client as well
        timeout=ANSWER_SECONDS,
        max_retries=1,
    )
