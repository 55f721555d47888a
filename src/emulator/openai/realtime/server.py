"""One session of the Realtime API: takes the events of a client, and answers what it hears.

Source: developers.openai.com/api/reference/resources/realtime (client and server events)
"""

import asyncio
import base64
import binascii
import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from emulator.json import JsonObject
from emulator.openai.model import EmulatedModel
from emulator.openai.realtime.answer import Answer
from emulator.openai.realtime.conversation import Conversation, new_item
from emulator.openai.realtime.detector import Found, SpeechDetector
from emulator.openai.realtime.session import Session
from emulator.openai.realtime.sound import words_of
from emulator.openai.realtime.state import EmulatedRealtime
from emulator.openai.refused import RefusedRequest

#: Shortest sound that can be committed, in milliseconds.
SHORTEST_COMMIT_MS = 100


class SessionBroken(Exception):
    """The session breaks off, as a test wished."""


class RealtimeServer:
    """The server's side of one session. `send` sends an event to the client."""

    def __init__(
        self,
        state: EmulatedRealtime,
        model: EmulatedModel,
        transcripts: list[str],
        send: Callable[[JsonObject], Awaitable[None]],
    ) -> None:
        self.state = state
        self.model = model
        self.session = Session()
        self.conversation = Conversation()
        #: events of the client, without its sound, in their order
        self.taken: list[JsonObject] = []
        #: all sound of the client
        self.heard = bytearray()
        self.answering: asyncio.Task[None] | None = None
        self._transcripts = transcripts
        self._send = send
        self._detector = SpeechDetector()
        self._answered = 0
        self._handlers: dict[str, Callable[[JsonObject], Awaitable[None]]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "conversation.item.create": self._create_item,
            "conversation.item.truncate": self._truncate,
            "response.create": self._respond,
            "response.cancel": self._cancel,
        }

    async def begin(self) -> None:
        """Greet the client."""
        await self.emit("session.created", session=self.session.values)

    async def take(self, text: str) -> None:
        """Take an event of the client; what is wrong with it is told, and the session goes on."""
        event: Any = None
        try:
            event = _event(text)
            if event["type"] != "input_audio_buffer.append":
                self.taken.append(event)
            handler = self._handlers.get(event["type"])
            if handler is None:
                message = f"Invalid value: '{event['type']}'."
                raise RefusedRequest(message, "type", "invalid_value")
            await handler(event)
        except RefusedRequest as refused:
            named = event.get("event_id") if isinstance(event, dict) else None
            error = {"type": "invalid_request_error", "code": refused.code}
            details = {"message": refused.message, "param": refused.param, "event_id": named}
            await self.emit("error", error={**error, **details})

    async def close(self) -> None:
        """Stop answering."""
        if self.answering is not None:
            self.answering.cancel()
            with suppress(asyncio.CancelledError):
                await self.answering

    async def emit(self, kind: str, **fields: Any) -> None:
        """Send an event to the client."""
        await self._send({"type": kind, "event_id": f"event_{secrets.token_hex(8)}", **fields})

    def truncated(self) -> list[JsonObject]:
        """Return the events by which answers were cut."""
        return [one for one in self.taken if one["type"] == "conversation.item.truncate"]

    async def _update(self, event: JsonObject) -> None:
        self.session.update(event.get("session"))
        await self.emit("session.updated", session=self.session.values)

    async def _append(self, event: JsonObject) -> None:
        try:
            pcm = base64.b64decode(event.get("audio") or "", validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise RefusedRequest("Invalid 'audio': base64 is expected.", "audio") from None
        self.heard += pcm
        detection = self.session.turn_detection
        if detection is None:
            self._detector.collect(pcm)
            return
        silence, padding = detection["silence_duration_ms"], detection["prefix_padding_ms"]
        for found in self._detector.take(pcm, silence_ms=silence, padding_ms=padding):
            await self._notice(found, detection)

    async def _notice(self, found: Found, detection: JsonObject) -> None:
        if found.what == "started":
            self._turn = new_item("message", "user")
            await self.emit(
                "input_audio_buffer.speech_started",
                audio_start_ms=found.at_ms,
                item_id=self._turn.id,
            )
            if detection["interrupt_response"]:
                await self._stop_answer("turn_detected")
            return
        await self.emit(
            "input_audio_buffer.speech_stopped", audio_end_ms=found.at_ms, item_id=self._turn.id
        )
        await self._take_turn(self._turn.id)
        if detection["create_response"]:
            await self._answer()

    async def _commit(self, event: JsonObject) -> None:
        if len(self._detector.buffer) < SHORTEST_COMMIT_MS * 48:
            raise RefusedRequest(
                "Error committing input audio buffer: buffer too small.",
                code="input_audio_buffer_commit_empty",
            )
        await self._take_turn(new_item("message").id)

    async def _take_turn(self, item_id: str) -> None:
        """Add what was said to the conversation, with its words."""
        sound = self._detector.committed()
        told = self._transcripts.pop(0) if self._transcripts else words_of(sound)
        text = told or self.state.next_words()
        before = self.conversation.items[-1].id if self.conversation.items else None
        item = self.conversation.add(new_item("message", "user", text, sound))
        item.id = item_id
        await self.emit("input_audio_buffer.committed", item_id=item.id, previous_item_id=before)
        for name in ("added", "done"):
            shown = item.shown()
            await self.emit(f"conversation.item.{name}", item=shown, previous_item_id=before)
        if self.session.transcribes:
            await self.emit(
                "conversation.item.input_audio_transcription.completed",
                item_id=item.id,
                content_index=0,
                transcript=text,
                usage={"type": "duration", "seconds": item.audio_ms / 1000},
            )

    async def _clear(self, event: JsonObject) -> None:
        self._detector.committed()
        await self.emit("input_audio_buffer.cleared")

    async def _create_item(self, event: JsonObject) -> None:
        before = self.conversation.items[-1].id if self.conversation.items else None
        item = self.conversation.take(event.get("item"))
        for name in ("added", "done"):
            shown = item.shown()
            await self.emit(f"conversation.item.{name}", item=shown, previous_item_id=before)

    async def _truncate(self, event: JsonObject) -> None:
        given = event.get("item_id"), event.get("audio_end_ms"), event.get("content_index")
        item = self.conversation.truncate(*given)
        cut = {"content_index": 0, "audio_end_ms": item.heard_ms}
        await self.emit("conversation.item.truncated", item_id=item.id, **cut)

    async def _respond(self, event: JsonObject) -> None:
        if self.answering is not None and not self.answering.done():
            raise RefusedRequest(
                "Conversation already has an active response in progress.",
                code="conversation_already_has_active_response",
            )
        await self._answer()

    async def _cancel(self, event: JsonObject) -> None:
        if not await self._stop_answer("client_cancelled"):
            raise RefusedRequest(
                "Cancellation failed: no active response found.", code="response_cancel_not_active"
            )

    async def _answer(self) -> None:
        if self.state.is_silent or (self.answering is not None and not self.answering.done()):
            return
        if self.state.breaks_after is not None and self._answered >= self.state.breaks_after:
            raise SessionBroken
        self._answered += 1
        self.answering = asyncio.create_task(Answer(self).run())

    async def _stop_answer(self, reason: str) -> bool:
        """Stop the answer that is being made, if there is one."""
        if self.answering is None or self.answering.done():
            return False
        self.answering.cancel(reason)
        with suppress(asyncio.CancelledError):
            await self.answering
        return True


def _event(text: str) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise RefusedRequest("We could not parse the JSON of your event.", code="invalid_json")
    if not isinstance(event.get("type"), str):
        message = "Missing required parameter: 'type'."
        raise RefusedRequest(message, "type", "missing_required_parameter")
    return event
