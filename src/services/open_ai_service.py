"""OpenAI's API, or that of any server which speaks it: chat with tools, speech, moderation."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
from loguru import logger
from pydantic import ValidationError

from domain.json import JsonObject
from services.clients.openai.completion import Completion, StreamedToolCall
from services.clients.openai.request import messages_of, tokens_of, tool_of
from services.conversations.agent import (
    CHARACTERS_PER_TOKEN,
    AgentReply,
    AgentRequest,
    AgentUnavailable,
    ModerationRefused,
    Tool,
    ToolCall,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: Between two pieces of an answer, and for all of it with what it looks up.
MAX_SILENCE_SECONDS = 30.0
MAX_REPLY_SECONDS = 90.0
#: Answers that only use tools, one after the other.
MAX_TOOL_ROUNDS = 4
#: A stream that breaks is asked for once more; what is refused, the SDK has tried again already.
MAX_ATTEMPTS = 2
TOOL_CALL_ACCEPTED = "It will be done right after your answer."


class OpenAIService:
    """An agent, and ears and a voice. Every method raises AgentUnavailable."""

    def __init__(
        self,
        client: "AsyncOpenAI",
        *,
        model: str,
        answer_tokens: int = 0,
        transcription_model: str = "gpt-transcribe",
        speech_model: str = "gpt-4o-mini-tts",
        voice: str = "marin",
        moderation_model: str | None = None,
    ) -> None:
        self._client = client
        self._model = model
        #: 0: as long as the model likes
        self._answer_tokens = answer_tokens
        self._transcription_model = transcription_model
        self._speech_model = speech_model
        self._voice = voice
        self._moderation_model = moderation_model

    async def reply(self, asked: AgentRequest) -> AgentReply:
        """The answer, after as many looks at what the bot knows as the model wants."""
        if await self.is_harmful(asked.text):
            raise ModerationRefused("the moderation flagged a question")
        bill: list[Completion] = []
        async with _charged(bill):
            return await self._converse(asked, bill)

    async def _converse(self, asked: AgentRequest, bill: list[Completion]) -> AgentReply:
        """Every completion is put on the bill once it is asked for."""
        messages = messages_of(asked)
        tools = [tool_of(one) for one in asked.abilities]
        wishes: list[ToolCall] = []
        for _ in range(MAX_TOOL_ROUNDS):
            completion = await self._complete(messages, tools, bill)
            if not completion.calls:
                return _answer(completion.text, wishes, bill)
            messages.append(completion.message())
            for call in completion.calls.values():
                result = await _use(call, asked.abilities, wishes)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return _answer(None, wishes, bill)

    async def is_harmful(self, text: str) -> bool:
        """What the moderation says of a text; never, without a model for it."""
        if self._moderation_model is None:
            return False
        from openai import OpenAIError

        try:
            found = await self._client.moderations.create(model=self._moderation_model, input=text)
        except OpenAIError as error:
            raise AgentUnavailable("the moderation did not answer") from error
        return any(one.flagged for one in found.results)

    async def transcribe(self, content: bytes, *, name: str, mime_type: str) -> str:
        """What is said in a recording. OpenAI tells its format by the end of the name."""
        from openai import OpenAIError

        try:
            heard = await self._client.audio.transcriptions.create(
                model=self._transcription_model, file=(name, content, mime_type)
            )
        except OpenAIError as error:
            raise AgentUnavailable("the recording was not understood") from error
        return heard.text.strip()

    async def speak(self, text: str) -> bytes:
        """The text as a voice note: Ogg with Opus."""
        from openai import OpenAIError

        try:
            spoken = await self._client.audio.speech.create(
                model=self._speech_model, voice=self._voice, input=text, response_format="opus"
            )
        except OpenAIError as error:
            raise AgentUnavailable("nothing was spoken") from error
        return spoken.content

    async def _complete(
        self, messages: Sequence[JsonObject], tools: Sequence[JsonObject], bill: list[Completion]
    ) -> Completion:
        from openai import APITimeoutError, OpenAIError

        asked: Any = {"messages": list(messages)}  # plain dicts
        if tools:
            asked["tools"] = list(tools)
        if self._answer_tokens:  # OpenAI's newer models refuse its older name, max_tokens
            asked["max_completion_tokens"] = self._answer_tokens
        for attempt in range(1, MAX_ATTEMPTS + 1):
            completion = Completion(asked=tokens_of(messages, tools))
            bill.append(completion)
            try:
                stream = await self._client.chat.completions.create(
                    model=self._model,
                    stream=True,
                    stream_options={"include_usage": True},
                    **asked,
                )
            except OpenAIError as error:
                if not isinstance(error, APITimeoutError):  # refused, or never reached
                    bill.pop()
                raise AgentUnavailable("the model did not answer") from error
            try:
                async with stream:
                    async for chunk in stream:
                        completion.add(chunk)
                        if self._is_too_long(completion):
                            completion.is_whole = True
                            break
            except (OpenAIError, httpx.HTTPError, aiohttp.ClientError) as error:
                logger.info("the model broke off: {}", type(error).__name__)
            if completion.is_whole:
                return completion
            logger.warning("the model broke off, attempt {} of {}", attempt, MAX_ATTEMPTS)
        raise AgentUnavailable("the model broke off")

    def _is_too_long(self, completion: Completion) -> bool:
        """Some servers, such as llama-cpp-python, take no notice of the limit."""
        most = self._answer_tokens * CHARACTERS_PER_TOKEN
        return 0 < most < completion.length


def make_openai(*, api_key: str, base_url: str, http: httpx.AsyncClient) -> "AsyncOpenAI":
    """The SDK's client, over our HTTP client."""
    from openai import AsyncOpenAI  # takes a second to import, which no test should pay

    client = AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        http_client=http,  # type: ignore[arg-type] # the SDK takes httpx's client as well
        timeout=MAX_SILENCE_SECONDS,
        max_retries=1,
    )
    # The SDK imports its parts at their first use: better now than while people wait.
    _ = client.chat.completions, client.audio.transcriptions, client.audio.speech
    return client


@asynccontextmanager
async def _charged(bill: Sequence[Completion]) -> AsyncIterator[None]:
    """It ends in time, and what there is no answer to has its price, too."""
    try:
        async with asyncio.timeout(MAX_REPLY_SECONDS):
            yield
    except TimeoutError as error:
        raise AgentUnavailable("the model took too long", tokens=_cost(bill)) from error
    except AgentUnavailable as error:
        error.tokens = _cost(bill)
        raise


def _cost(bill: Sequence[Completion]) -> int:
    return sum(one.cost for one in bill)


async def _use(call: StreamedToolCall, abilities: Sequence[Tool], wishes: list[ToolCall]) -> str:
    """What the model is told of its use of an ability."""
    ability = next((one for one in abilities if one.name == call.name), None)
    if ability is None:
        return "There is no such tool."
    try:
        arguments = ability.parameters.model_validate_json(call.arguments or "{}")
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        return f"The arguments do not fit: {[(one['loc'], one['msg']) for one in problems]}"
    if ability.look_up is not None:
        return await ability.look_up(arguments)
    wishes.append(ToolCall(ability.name, arguments.model_dump(mode="json")))
    return TOOL_CALL_ACCEPTED


def _answer(text: str | None, wishes: Sequence[ToolCall], bill: Sequence[Completion]) -> AgentReply:
    said = (text or "").strip()
    if not said and not wishes:
        raise AgentUnavailable("the model said nothing")
    return AgentReply(said, tuple(wishes), _cost(bill))
