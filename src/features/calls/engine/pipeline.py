"""A model that reads and writes, for servers without a Realtime API.

What the caller says is transcribed; the desk has it answered, and the lines of the answer spoken.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from features.calls.engine.transcription import NotHeard, transcribe
from features.calls.engine.vad import Change, SpeechDetector
from features.calls.frame import Frame
from features.calls.talker_frames import Converse, Heard, OpenAiAccess, ToolResult


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
                text = await transcribe(await self._turns.get(), self.access, self.http)
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
