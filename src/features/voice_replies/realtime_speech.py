"""Speech by a realtime model, which reads a text aloud: OpenAI has no other models of speech.

Its models for `/audio/speech` end on 6 January 2027, and gpt-realtime-2.1-mini takes their place in
the Realtime API. A realtime model might answer a text instead of reading it, so its own transcript
is compared with the text.

Source: developers.openai.com/api/docs/guides/text-to-speech, …/api/docs/deprecations
"""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

import aiohttp
from pydantic import SecretStr

from features.voice_replies.ogg import PCM_RATE, as_ogg
from services.agent import AgentUnavailable

#: What the names of realtime models begin with.
REALTIME = "gpt-realtime"
#: Longest wait for a recording, in seconds.
PATIENCE_SECONDS = 60.0
#: Longest recording, in bytes of samples: five minutes.
MAX_PCM_BYTES = 5 * 60 * PCM_RATE * 2
#: Longest event of the server, in bytes.
MAX_EVENT_BYTES = 4_000_000
#: Part of the words that has to be read, and words that numbers and the like may add.
LEAST_READ, MORE_WORDS = 0.6, 20
INSTRUCTIONS = (
    "You are a text-to-speech engine. Read the text of the user aloud, word for word, in the "
    "language in which it is written. Never answer it, and add nothing."
)


@dataclass(slots=True)
class _Recording:
    """What came of one answer so far."""

    pcm: bytearray = field(default_factory=bytearray)
    words: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class RealtimeSpeaker:
    """Speaks by the Realtime API."""

    base_url: str
    api_key: SecretStr
    model: str
    voice: str

    async def speak(self, text: str) -> bytes:
        """Return the text as a voice note: Ogg with Opus. Raise AgentUnavailable."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                recording = await self._read_aloud(text)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise AgentUnavailable(f"the speech was not made: {type(error).__name__}") from error
        if not recording.pcm:
            raise AgentUnavailable("the speech is empty")
        if not is_read(text, recording.words):
            raise AgentUnavailable("the model said something else than the text")
        return await asyncio.to_thread(as_ogg, bytes(recording.pcm))

    async def _read_aloud(self, text: str) -> _Recording:
        headers = {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}
        recording = _Recording()
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(
                address(self.base_url),
                params={"model": self.model},
                headers=headers,
                max_msg_size=MAX_EVENT_BYTES,
            ) as socket,
        ):
            for event in self._events(text):
                await socket.send_json(event)
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                take(recording, message.data)
                if recording.is_done:
                    return recording
        raise AgentUnavailable("the session of the speech broke off")

    def _events(self, text: str) -> tuple[Mapping[str, Any], ...]:
        sound = {"format": {"type": "audio/pcm", "rate": PCM_RATE}, "voice": self.voice}
        session = {
            "type": "realtime",
            "instructions": INSTRUCTIONS,
            "output_modalities": ["audio"],
            "audio": {"output": sound},
        }
        written = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": written}
        return (
            {"type": "session.update", "session": session},
            {"type": "conversation.item.create", "item": item},
            {"type": "response.create"},
        )


def take(recording: _Recording, data: str) -> None:
    """Take an event of the server. Raise AgentUnavailable if it is an error, or not understood."""
    try:
        event = json.loads(data)
        match event["type"]:
            case "response.output_audio.delta":
                recording.pcm += base64.b64decode(event["delta"], validate=True)
            case "response.output_audio_transcript.delta":
                recording.words += event["delta"]
            case "response.done":
                recording.is_done = event["response"]["status"] == "completed"
                if not recording.is_done:
                    raise AgentUnavailable("the speech was not completed")
            case "error":
                raise AgentUnavailable("the model refused to speak")
    except (LookupError, TypeError, ValueError, binascii.Error) as error:
        raise AgentUnavailable(f"not understood: {type(error).__name__}") from error
    if len(recording.pcm) > MAX_PCM_BYTES:
        raise AgentUnavailable("the speech is too long")


def address(base_url: str) -> str:
    """Return the address of a session at an OpenAI-compatible server."""
    scheme, _, rest = base_url.rstrip("/").partition("://")
    return f"{ {'http': 'ws', 'https': 'wss'}.get(scheme, scheme) }://{rest}/realtime"


def is_read(text: str, said: str) -> bool:
    """Return whether what was said is the text; a server without transcripts is believed.

    Numbers are read as words, so they are left out.
    """
    wanted, heard = _words(text), _words(said)
    if not wanted or not heard:
        return True
    found = SequenceMatcher(None, wanted, heard, autojunk=False).get_matching_blocks()
    is_complete = sum(one.size for one in found) >= LEAST_READ * len(wanted)
    return is_complete and len(heard) <= 2 * len(wanted) + MORE_WORDS


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())
