"""One answer of the emulated Realtime API: its events, faster than it takes to be said."""

import asyncio
import base64
import json
import secrets
from typing import TYPE_CHECKING, Any

from emulator.json import JsonObject
from emulator.openai.answers import tokens
from emulator.openai.model import Call
from emulator.openai.realtime.conversation import Item, new_item
from emulator.openai.realtime.sound import BYTES_PER_MS, spoken, tone_of

if TYPE_CHECKING:
    from emulator.openai.realtime.server import RealtimeServer

#: Sound in one event, in bytes: 200 ms.
PIECE_BYTES = 200 * BYTES_PER_MS
#: Tokens of a second of sound that is heard, and of one that is said.
HEARD_TOKENS, SAID_TOKENS = 10, 20
#: Messages of errors, by their code.
MESSAGES = {"insufficient_quota": "You exceeded your current quota."}


class Answer:
    """Makes one response. Cancelling its task ends it as the API ends a response."""

    def __init__(self, server: "RealtimeServer") -> None:
        self._server = server
        self._id = f"resp_{secrets.token_hex(8)}"
        self._output: list[JsonObject] = []

    async def run(self) -> None:
        """Send all events of the response."""
        server = self._server
        await server.emit("response.created", response=self._response("in_progress"))
        try:
            await asyncio.sleep(server.state.seconds)
            if server.state.failure is not None:
                await self._fail(*server.state.failure)
                return
            await self._say()
        except asyncio.CancelledError as cancelled:
            reason = str(cancelled) or "turn_detected"
            details = {"type": "cancelled", "reason": reason}
            response = self._response("cancelled", details)
            await server.emit("response.done", response={**response, "usage": self._usage()})
            return
        response = {**self._response("completed"), "usage": self._usage()}
        await server.emit("response.done", response=response)

    async def _say(self) -> None:
        server = self._server
        session = server.session.values
        tools = [_as_chat_tool(one) for one in session["tools"]]
        asked: dict[str, Any] = {"messages": server.conversation.messages(session["instructions"])}
        said = server.model.answer({**asked, "tools": tools, "tool_choice": session["tool_choice"]})
        if said.text:
            await self._speak(said.text)
        for call in said.calls:
            await self._call(call)

    async def _speak(self, text: str) -> None:
        server = self._server
        has_sound = server.session.speaks and not server.state.is_mute
        item = server.conversation.add(new_item("message", "assistant", text))
        place = await self._begin_item(item)
        part = {"content_index": 0, **place}
        kind = "audio" if has_sound else "text"
        await server.emit("response.content_part.added", **part, part={"type": kind})
        if has_sound:
            await self._sound(item, part)
            done = {"type": kind, "transcript": text}
        else:
            await server.emit("response.output_text.delta", **part, delta=text)
            await server.emit("response.output_text.done", **part, text=text)
            done = {"type": kind, "text": text}
        await server.emit("response.content_part.done", **part, part=done)
        await self._end_item(item)

    async def _sound(self, item: Item, part: JsonObject) -> None:
        """Send the sound of an answer and its words, a piece of each at a time."""
        server, text = self._server, item.text
        frequency = server.state.next_tone()
        pcm = None if server.state.is_tonal else await spoken(text)
        if pcm is None:
            pcm = tone_of(text, frequency)
        server.session.has_spoken = True
        pieces = [pcm[at : at + PIECE_BYTES] for at in range(0, len(pcm), PIECE_BYTES)]
        sent = 0
        for number, piece in enumerate(pieces, start=1):
            words = text[sent : len(text) * number // len(pieces)]
            sent += len(words)
            await server.emit("response.output_audio_transcript.delta", **part, delta=words)
            item.audio_ms += len(piece) // BYTES_PER_MS
            delta = base64.b64encode(piece).decode()
            await server.emit("response.output_audio.delta", **part, delta=delta)
            await asyncio.sleep(server.state.pace)
        await server.emit("response.output_audio.done", **part)
        await server.emit("response.output_audio_transcript.done", **part, transcript=text)

    async def _call(self, call: Call) -> None:
        server, item = self._server, new_item("function_call")
        item.name, item.text = call.name, call.arguments
        item.call_id = f"call_{secrets.token_hex(8)}"
        server.conversation.add(item)
        place = await self._begin_item(item)
        given = {**place, "call_id": item.call_id}
        await server.emit("response.function_call_arguments.delta", **given, delta=call.arguments)
        await server.emit(
            "response.function_call_arguments.done",
            **given,
            name=call.name,
            arguments=call.arguments,
        )
        await self._end_item(item)

    async def _begin_item(self, item: Item) -> JsonObject:
        server, index = self._server, len(self._output)
        self._output.append(item.shown("in_progress"))
        shown = self._output[-1]
        await server.emit(
            "response.output_item.added", response_id=self._id, output_index=index, item=shown
        )
        await server.emit("conversation.item.added", item=shown, previous_item_id=None)
        return {"response_id": self._id, "item_id": item.id, "output_index": index}

    async def _end_item(self, item: Item) -> None:
        server, index = self._server, len(self._output) - 1
        self._output[index] = shown = item.shown()
        await server.emit("conversation.item.done", item=shown, previous_item_id=None)
        await server.emit(
            "response.output_item.done", response_id=self._id, output_index=index, item=shown
        )

    async def _fail(self, kind: str, code: str) -> None:
        error = {"type": kind, "code": code, "message": MESSAGES.get(code, code)}
        details = {"type": "failed", "error": error}
        await self._server.emit("response.done", response=self._response("failed", details))

    def _response(self, status: str, details: JsonObject | None = None) -> JsonObject:
        return {
            "object": "realtime.response",
            "id": self._id,
            "status": status,
            "status_details": details,
            "output": self._output,
            "output_modalities": self._server.session.values["output_modalities"],
        }

    def _usage(self) -> JsonObject:
        """What the response cost: all that was said before, and the answer."""
        items = self._server.conversation.items
        made = {one["id"] for one in self._output}
        words = tokens(json.dumps(self._server.session.values["instructions"]))
        before = sum(tokens(one.text) for one in items if one.id not in made) + words
        heard = sum(one.audio_ms for one in items if one.role == "user") * HEARD_TOKENS // 1000
        said = sum(one.audio_ms for one in items if one.id in made) * SAID_TOKENS // 1000
        written = sum(tokens(one.text) for one in items if one.id in made)
        details = {"cached_tokens": words, "text_tokens": before, "audio_tokens": heard}
        return {
            "total_tokens": before + heard + said + written,
            "input_tokens": before + heard,
            "output_tokens": said + written,
            "input_token_details": {**details, "image_tokens": 0},
            "output_token_details": {"text_tokens": written, "audio_tokens": said},
        }


def _as_chat_tool(tool: JsonObject) -> JsonObject:
    """Return a tool as chat completions describe it."""
    function = {name: tool.get(name) for name in ("name", "description", "parameters")}
    return {"type": "function", "function": function}
