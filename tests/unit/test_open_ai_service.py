"""What the model is asked, and what becomes of its answer."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.open_ai_service import AssistantUnavailable, ChatTurn, OpenAIService, make_openai

Answer = Callable[[httpx.Request], httpx.Response]


def completion(content: str | None) -> httpx.Response:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return httpx.Response(200, json=body)


class Model:
    """Stands in for the model's server."""

    def __init__(self, answer: Answer | None = None) -> None:
        self._answer = answer or (lambda _: completion("Hello Ann"))
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)

    @property
    def asked(self) -> Any:
        return json.loads(self.requests[0].content)

    def service(self) -> OpenAIService:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        client = make_openai(api_key="sk-test", base_url="https://model.example/v1", http=http)
        return OpenAIService(client, model="some-model")


async def test_the_prompt_comes_first_and_the_question_last() -> None:
    model = Model()
    history = [ChatTurn("user", "hi"), ChatTurn("assistant", "hello")]

    answer = await model.service().reply(history, "who am I?", prompt="Be kind.")

    assert answer == "Hello Ann"
    assert model.asked["model"] == "some-model"
    assert model.asked["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "who am I?"},
    ]


async def test_the_server_and_the_key_are_those_that_were_given() -> None:
    model = Model()

    await model.service().reply([], "hi", prompt="p")

    assert str(model.requests[0].url) == "https://model.example/v1/chat/completions"
    assert model.requests[0].headers["authorization"] == "Bearer sk-test"


async def test_an_answer_is_awaited_for_thirty_seconds() -> None:
    model = Model()

    await model.service().reply([], "hi", prompt="p")

    assert model.requests[0].extensions["timeout"]["read"] == 30.0


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_refusal_makes_the_assistant_unavailable(status: int) -> None:
    model = Model(lambda _: httpx.Response(status, json={"error": {"message": "no"}}))

    with pytest.raises(AssistantUnavailable) as failed:
        await model.service().reply([], "hi", prompt="p")

    assert failed.value.__cause__ is not None


@pytest.mark.parametrize("content", [None, "", "  \n"])
async def test_silence_makes_the_assistant_unavailable(content: str | None) -> None:
    with pytest.raises(AssistantUnavailable):
        await Model(lambda _: completion(content)).service().reply([], "hi", prompt="p")


async def test_the_error_does_not_repeat_what_was_asked() -> None:
    model = Model(lambda _: httpx.Response(400, json={"error": {"message": "bad: my secret"}}))

    with pytest.raises(AssistantUnavailable) as failed:
        await model.service().reply([], "my secret", prompt="p")

    assert "secret" not in str(failed.value)


async def test_only_the_last_twenty_turns_are_sent() -> None:
    model = Model()
    history = [ChatTurn("user", f"turn {number}") for number in range(30)]

    await model.service().reply(history, "now", prompt="p")

    assert len(model.asked["messages"]) == 1 + 20 + 1
