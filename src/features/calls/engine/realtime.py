"""A model that hears and speaks by itself, by OpenAI's Realtime API."""

import asyncio
import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from loguru import logger

from features.calls.engine import realtime_events as events
from features.calls.engine.realtime_answers import SpokenAnswers
from features.calls.frame import Frame
from features.calls.talker_frames import (
    Converse,
    Heard,
    OpenAiAccess,
    ToolAsked,
    ToolResult,
    Usage,
)

#: Longest wait for the session to be set up, in seconds.
CONNECT_SECONDS = 5.0
#: Longest wait for an answer to begin, in seconds.
ANSWER_SECONDS = 4.5
#: Events that may wait to be sent: ten seconds of sound. Older sound counts for nothing.
MAX_WAITING = 500
#: Largest event that is taken, in bytes.
MAX_EVENT_BYTES = 4_000_000


@dataclass(slots=True, kw_only=True)
class RealtimeTalker:
    """One session, in one call. `speak` says a text in place of the model."""

    brief: Converse
    access: OpenAiAccess
    http: aiohttp.ClientSession
    answers: SpokenAnswers
    report: Callable[[Frame], None]
    speak: Callable[[str], None]
    clock: Callable[[], float]
    _events: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    _is_set_up: bool = False
    #: The response that the server makes, and those that were interrupted.
    _response: str | None = None
    _stopped: set[str] = field(default_factory=set)
    #: Tools whose results the model waits for, and whether some have come.
    _tools: set[str] = field(default_factory=set)
    _has_results: bool = False
    #: Since when an answer is due.
    _due_since: float | None = None
    _gone: str | None = None

    async def run(self) -> str:
        """Hold the session until it ends; return why."""
        headers = {"Authorization": f"Bearer {self.access.api_key.get_secret_value()}"}
        query = {"model": self.access.realtime_model}
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await self.http.ws_connect(
                    events.address(self.access),
                    params=query,
                    headers=headers,
                    max_msg_size=MAX_EVENT_BYTES,
                )
        except aiohttp.WSServerHandshakeError as error:
            return f"refused {error.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return f"not reached: {type(error).__name__}"
        self._due_since = self.clock()
        async with socket:
            sending = asyncio.create_task(self._send(socket))
            try:
                return await self._read(socket)
            except (aiohttp.ClientError, OSError) as error:
                return f"closed: {type(error).__name__}"
            finally:
                sending.cancel()

    def hear(self, pcm: bytes) -> None:
        """Send sound to the model, which finds the turns in it."""
        if self._events.qsize() < MAX_WAITING:
            self._events.put_nowait(events.audio(pcm))

    def interrupt(self) -> None:
        """Fall silent, and have the server stop the answer that it makes."""
        if self._response is not None:
            self._put(events.event("response.cancel"))
        self._fall_silent()

    def result(self, result: ToolResult) -> None:
        """Pass on what a tool returned; once all have, the model goes on."""
        if result.id in self._tools:
            self._tools.remove(result.id)
            self._has_results = True
            self._put(events.tool_output(result.id, result.output))
            self._go_on()

    def instruct(self, text: str) -> None:
        """Tell the model about the call, and have it speak."""
        self._put(events.message("system", text))
        self._ask()

    def why_gone(self, now: float) -> str | None:
        """Return why the session is of no use: an error, or no answer for too long."""
        if self._due_since is not None and now - self._due_since > ANSWER_SECONDS:
            return "silent"
        return self._gone

    # ---- to the server

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(aiohttp.ClientError, OSError):
            await socket.send_str(events.session_update(self.brief, self.access))
            for turn in self.brief.history:
                await socket.send_str(events.past_turn(turn))
            while True:
                await socket.send_str(await self._events.get())

    def _put(self, event: str) -> None:
        self._events.put_nowait(event)

    def _ask(self) -> None:
        self._put(events.event("response.create"))
        self._due_since = self.clock()

    def _go_on(self) -> None:
        """Have the model answer to the results of its tools."""
        if self._has_results and not self._tools and self._response is None:
            self._has_results = False
            self._ask()

    def _fall_silent(self) -> None:
        """Say no more, and tell the server what was heard."""
        if self._response is not None:
            self._stopped.add(self._response)
        for item, heard_ms in self.answers.cut():
            self._put(events.truncation(item, heard_ms))

    # ---- from the server

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return "closed: not text"
            try:
                event = json.loads(message.data)
                self._take(str(event["type"]), event)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                logger.warning("an event of the model was not understood: {}", type(error).__name__)
            if self._gone is not None:
                return self._gone
        return f"closed {socket.close_code}"

    def _take(self, kind: str, event: dict[str, Any]) -> None:
        match kind:
            case "response.output_audio.delta":
                self._take_sound(event)
            case "response.output_audio_transcript.delta":
                if event["response_id"] not in self._stopped:
                    self.answers.add_words(event["item_id"], event["delta"])
            case "response.output_item.done":
                self._end_item(event["item"])
            case "input_audio_buffer.speech_started":
                self._due_since = None
                self._fall_silent()
            case "input_audio_buffer.speech_stopped":
                self._due_since = self.clock()
            case "conversation.item.input_audio_transcription.completed":
                self._take_words(event)
            case "session.updated":
                self._is_set_up, self._due_since = True, None
            case "response.created":
                self._response = event["response"]["id"]
            case "response.done":
                self._end_response(event["response"])
            case "error":
                self._take_error(event["error"])

    def _take_sound(self, event: dict[str, Any]) -> None:
        if event["response_id"] in self._stopped:
            return  # the caller has interrupted it
        self._due_since = None
        self.answers.add_sound(event["item_id"], base64.b64decode(event["delta"]))

    def _end_item(self, item: dict[str, Any]) -> None:
        """An item is complete: speech, a text, or a call of a tool."""
        if self.answers.finish(item["id"]) or self._response in self._stopped:
            return
        if item["type"] == "function_call" and item.get("status") != "incomplete":
            self._due_since = None
            self._tools.add(item["call_id"])
            given = {"id": item["call_id"], "name": item["name"], "arguments": item["arguments"]}
            self.report(ToolAsked(call=self.brief.call, **given))
        elif text := _text_of(item):  # some servers answer by text alone
            self._due_since = None
            self.speak(text)

    def _take_words(self, event: dict[str, Any]) -> None:
        if text := event["transcript"].strip():
            self.report(Heard(call=self.brief.call, text=text))
        usage = event.get("usage")
        self._count(usage.get("total_tokens") or 0 if isinstance(usage, dict) else 0)

    def _end_response(self, response: dict[str, Any]) -> None:
        self._response = None
        self._stopped.discard(response.get("id", ""))
        self._count(events.cost(response.get("usage")))
        if response.get("status") == "failed":
            error = (response.get("status_details") or {}).get("error")
            self._gone = f"failed: {events.code_of(error)}"
        else:
            self._go_on()

    def _take_error(self, error: Any) -> None:
        """Most errors leave the session as it is, once it is set up."""
        code = events.fatal_code(error)
        if code is not None or not self._is_set_up:
            self._gone = code or f"set-up: {events.code_of(error)}"
        else:
            logger.info("the model refused an event: {}", events.code_of(error))

    def _count(self, tokens: int) -> None:
        if tokens:
            self.report(Usage(call=self.brief.call, tokens=tokens))


def _text_of(item: dict[str, Any]) -> str:
    """Return the text of an answer without sound."""
    parts = item.get("content") or () if item["type"] == "message" else ()
    return " ".join(one.get("text") or "" for one in parts).strip()
