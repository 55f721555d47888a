"""OpenAI's API, or any compatible server: chat with tools, speech and moderation."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
from loguru import logger

from domain.json import JsonObject
from services.agent import (
    CHARACTERS_PER_TOKEN,
    AgentReply,
    AgentRequest,
    AgentUnavailable,
    ModerationRefused,
    Tool,
    ToolCall,
)
from services.clients.openai.chat import Completion, messages_of, tokens_of, tool_of
from services.clients.openai.stream import read_events
from services.clients.openai.streamed_calls import StreamedToolCall
from services.tool_calls import UnusableToolCall, read_call, run_tool

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: Longest wait between two chunks of an answer, in seconds.
MAX_SILENCE_SECONDS = 30.0
#: Longest time for a reply with all its tool calls, in seconds.
MAX_REPLY_SECONDS = 90.0
#: Most answers in a row that only call tools.
MAX_TOOL_ROUNDS = 4
#: Largest recording that is taken, in bytes: minutes of speech.
MAX_SPEECH_BYTES = 2 * 1024 * 1024
#: Attempts for a stream that ends early. Refused requests were already repeated by the SDK.
MAX_ATTEMPTS = 2
#: Result that the model gets for a tool call that is carried out after its answer.
TOOL_CALL_ACCEPTED = "It will be done right after your answer."


class OpenAIService:
    """An agent with transcription and speech. Every method raises AgentUnavailable."""

    def __init__(
        self,
        client: "AsyncOpenAI",
        *,
        model: str,
        answer_tokens: int = 0,
        transcription_model: str = "gpt-transcribe",
        speech_model: str = "",
        voice: str = "marin",
        moderation_model: str | None = None,
    ) -> None:
        self._client = client
        self._model = model
        #: Longest answer, in tokens; 0 sets no limit.
        self._answer_tokens = answer_tokens
        self._transcription_model = transcription_model
        self._speech_model = speech_model
        self._voice = voice
        self._moderation_model = moderation_model

    async def reply(self, asked: AgentRequest) -> AgentReply:
        """Return the answer, after up to 4 rounds of tool calls; at most 90 seconds.

        Raises ModerationRefused if the moderation flags the question.
        """
        if await self.is_harmful(asked.text):
            raise ModerationRefused("the moderation flagged a question")
        bill: list[Completion] = []
        async with _charged(bill):
            return await self._converse(asked, bill)

    async def _converse(self, request: AgentRequest, bill: list[Completion]) -> AgentReply:
        """Call the model until it answers. Every request is put on the bill when it is made."""
        messages = messages_of(request)
        tools = [tool_of(tool) for tool in request.tools]
        calls: list[ToolCall] = []
        for _ in range(MAX_TOOL_ROUNDS):
            completion = await self._complete(self._body(messages, tools, request), bill)
            if not completion.calls:
                return _answer(completion.text, calls, bill)
            messages.append(completion.message())
            for call in completion.calls:
                result = await _use(call, request.tools, calls)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return _answer(None, calls, bill)

    async def is_harmful(self, text: str) -> bool:
        """Return whether the moderation flags a text; False without a moderation model."""
        if self._moderation_model is None:
            return False
        from openai import OpenAIError

        try:
            found = await self._client.moderations.create(model=self._moderation_model, input=text)
        except OpenAIError as error:
            raise AgentUnavailable("the moderation did not answer") from error
        return any(result.flagged for result in found.results)

    async def transcribe(self, content: bytes, *, name: str, mime_type: str) -> str:
        """Return the words of a recording. OpenAI reads the format from the suffix of the name."""
        from openai import OpenAIError

        try:
            transcription = await self._client.audio.transcriptions.create(
                model=self._transcription_model, file=(name, content, mime_type)
            )
        except OpenAIError as error:
            raise AgentUnavailable("the recording was not transcribed") from error
        return transcription.text.strip()

    async def synthesize(self, text: str) -> bytes:
        """Return the text as a voice note: Ogg with Opus."""
        from openai import OpenAIError

        if not self._speech_model:
            raise AgentUnavailable("no model of speech is set")
        content = bytearray()
        try:
            async with self._client.audio.speech.with_streaming_response.create(
                model=self._speech_model, voice=self._voice, input=text, response_format="opus"
            ) as speech:
                async for piece in speech.iter_bytes():
                    content += piece
                    if len(content) > MAX_SPEECH_BYTES:
                        raise AgentUnavailable("the speech is too long")
        except (OpenAIError, httpx.HTTPError, aiohttp.ClientError) as error:
            raise AgentUnavailable("the speech was not synthesized") from error
        if not content:
            raise AgentUnavailable("the speech is empty")
        return bytes(content)

    def _body(
        self, messages: Sequence[JsonObject], tools: Sequence[JsonObject], request: AgentRequest
    ) -> JsonObject:
        """Return the body of a request to the model."""
        body: JsonObject = {"messages": list(messages)}  # plain dicts
        if tools:
            body["tools"] = list(tools)
        if most := request.max_tokens or self._answer_tokens:
            body["max_completion_tokens"] = most  # newer models refuse its older name, max_tokens
        if request.answer_schema is not None:
            schema = {"name": "answer", "schema": dict(request.answer_schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        model = request.model or self._model
        return {
            **body,
            "model": model,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    async def _complete(self, body: JsonObject, bill: list[Completion]) -> Completion:
        from openai import APITimeoutError, OpenAIError

        messages, tools = body["messages"], body.get("tools", ())
        names = frozenset(tool["function"]["name"] for tool in tools)
        for attempt in range(1, MAX_ATTEMPTS + 1):
            completion = Completion(
                asked=tokens_of(messages, tools), names=names, is_data="response_format" in body
            )
            bill.append(completion)
            try:
                await self._read(body, completion)
            except APITimeoutError as error:
                raise AgentUnavailable("the model did not answer") from error
            except OpenAIError as error:
                bill.pop()  # refused, or not reached: no cost
                raise AgentUnavailable("the model did not answer") from error
            if completion.is_whole and not completion.is_refused:
                completion.finish()
                return completion
            logger.warning(
                "the answer of the model ended early, attempt {} of {}", attempt, MAX_ATTEMPTS
            )
        raise AgentUnavailable("the answer of the model ended early")

    async def _read(self, body: Any, completion: Completion) -> None:
        """Fill in an answer as far as its stream comes. Raises OpenAIError if none begins."""
        create = self._client.chat.completions.with_streaming_response.create
        async with create(**body) as response:
            try:
                async for event in read_events(response.iter_bytes()):
                    completion.add(event)
                    if self._is_too_long(completion):
                        completion.is_whole = True
                        break
            except (httpx.HTTPError, httpx.StreamError, aiohttp.ClientError) as error:
                logger.info("the stream of the model broke: {}", type(error).__name__)

    def _is_too_long(self, completion: Completion) -> bool:
        """Return whether to stop reading: some servers, such as llama-cpp-python, ignore limits."""
        most = self._answer_tokens * CHARACTERS_PER_TOKEN
        return 0 < most < completion.length


def make_openai(*, api_key: str, base_url: str, http: httpx.AsyncClient) -> "AsyncOpenAI":
    """Build the SDK's client over the shared HTTP client."""
    from openai import AsyncOpenAI  # takes a second to import, which no test should pay

    client = AsyncOpenAI(
        api_key=api_key,
        base_url=base_url,
        http_client=http,  # type: ignore[arg-type] # the SDK takes httpx's client as well
        timeout=MAX_SILENCE_SECONDS,
        max_retries=1,
    )
    # The SDK imports its parts at their first use: now, so that no person waits for it.
    _ = client.chat.completions, client.audio.transcriptions, client.audio.speech
    return client


@asynccontextmanager
async def _charged(bill: Sequence[Completion]) -> AsyncIterator[None]:
    """Limit the time of a reply, and give its cost to AgentUnavailable if it fails."""
    try:
        async with asyncio.timeout(MAX_REPLY_SECONDS):
            yield
    except TimeoutError as error:
        raise AgentUnavailable("the model took too long", tokens=_cost(bill)) from error
    except AgentUnavailable as error:
        error.tokens = _cost(bill)
        raise


def _cost(bill: Sequence[Completion]) -> int:
    return sum(completion.cost for completion in bill)


async def _use(call: StreamedToolCall, tools: Sequence[Tool], accepted: list[ToolCall]) -> str:
    """Run a tool call, or accept it for later; return the result for the model."""
    try:
        tool, arguments = read_call(tools, call.name, call.arguments)
    except UnusableToolCall as error:
        return str(error)
    result = await run_tool(tool, arguments)
    if result is not None:
        return result
    accepted.append(ToolCall(tool.name, arguments.model_dump(mode="json")))
    return TOOL_CALL_ACCEPTED


def _answer(text: str | None, calls: Sequence[ToolCall], bill: Sequence[Completion]) -> AgentReply:
    answer = (text or "").strip()
    if not answer and not calls:
        raise AgentUnavailable("the answer of the model was empty")
    return AgentReply(answer, tuple(calls), _cost(bill))
