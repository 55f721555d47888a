"""A model that reads and writes, for servers without a Realtime API.

What the caller says is transcribed; the desk has it answered, and the lines of the answer spoken.
"""

import asyncio
import io
import wave
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from loguru import logger

from features.calls.engine.opus import PCM_RATE
from features.calls.engine.vad import Change, SpeechDetector
from features.calls.frame import Frame
from features.calls.talker_frames import Converse, Heard, OpenAiAccess, ToolResult

#: Longest wait for a transcription, in seconds, and attempts.
PATIENCE_SECONDS, ATTEMPTS = 6.0, 2


class NotHeard(Exception):
    """A server gave no transcription; the text says why."""


@dataclass(slots=True, kw_only=True)
class PipelineTalker:
    """Hears in one call. `fall_silent` stops what is being said."""

    brief: Converse
    access: OpenAiAccess
    http: aiohttp.ClientSession
    #: Whether there is a voice for answers.
    can_speak: bool
    report: Callable[[Frame], None]
    fall_silent: Callable[[], object]
    _detector: SpeechDetector = field(default_factory=SpeechDetector)
    _turns: "asyncio.Queue[bytes]" = field(default_factory=asyncio.Queue)

    async def run(self) -> str:
        """Transcribe turns until that fails; return why."""
        if not self.access.transcription_model:
            return "no transcription"
        if not self.can_speak:
            return "no voice"
        try:
            while True:
                text = await self._transcribed(await self._turns.get())
                if text:
                    self.report(Heard(call=self.brief.call, text=text))
        except NotHeard as error:
            return str(error)

    def hear(self, pcm: bytes) -> None:
        """Look for turns; the start of speech interrupts."""
        change = self._detector.look(pcm)
        if change is Change.STARTED:
            self.fall_silent()
        elif change is Change.STOPPED and (turn := self._detector.take_turn()):
            self._turns.put_nowait(turn)

    def interrupt(self) -> None:
        """Fall silent."""
        self.fall_silent()

    def result(self, result: ToolResult) -> None:
        """Do nothing: the desk uses the tools."""

    def instruct(self, text: str) -> None:
        """Do nothing: the desk says what is to be said."""

    def why_gone(self, now: float) -> str | None:
        """Return None: failures end `run`."""
        return None

    async def _transcribed(self, turn: bytes) -> str:
        """Return the words of a turn. Raise NotHeard."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._transcribe(turn)
            except NotHeard as error:
                if attempt == ATTEMPTS:
                    raise
                logger.info("once more: {}", error)
        return ""

    async def _transcribe(self, turn: bytes) -> str:
        access, form = self.access, aiohttp.FormData()
        form.add_field("model", access.transcription_model)
        form.add_field("file", as_wav(turn), filename="speech.wav", content_type="audio/wav")
        headers = {"Authorization": f"Bearer {access.api_key.get_secret_value()}"}
        url = f"{access.base_url.rstrip('/')}/audio/transcriptions"
        patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        try:
            async with self.http.post(url, data=form, headers=headers, timeout=patience) as answer:
                if answer.status != 200:
                    raise NotHeard(f"the transcription was answered with {answer.status}")
                text = (await answer.json(content_type=None))["text"]
        except (aiohttp.ClientError, TimeoutError, LookupError, TypeError, ValueError) as error:
            raise NotHeard(f"no transcription: {type(error).__name__}") from error
        return text.strip() if isinstance(text, str) else ""


def as_wav(pcm: bytes) -> bytes:
    """Return samples as a file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(PCM_RATE)
        writer.writeframes(pcm)
    return file.getvalue()
