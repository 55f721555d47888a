"""What a caller says for others: recorded until a pause, and kept as Ogg Opus."""

import asyncio
import base64
import io
from dataclasses import dataclass, field

from loguru import logger

from features.calls.engine.opus import FRAME_SECONDS, OpusEncoder, write_recording
from features.calls.engine.talk import Services
from features.calls.engine.transcription import NotHeard, transcribe
from features.calls.engine.vad import Change, SpeechDetector
from features.calls.protocol import Recorded

#: Silence after speech that ends a recording, and silence without any speech, in seconds.
PAUSE_SECONDS, NOTHING_SECONDS = 4.0, 8.0


@dataclass(slots=True)
class Recorder:
    """Hears one recording, a frame of 20 ms at a time. Knows no clock."""

    max_seconds: int
    #: False while the lines before it are said.
    is_on: bool = False
    has_speech: bool = False
    _detector: SpeechDetector = field(default_factory=SpeechDetector)
    _frames: list[bytes] = field(default_factory=list)
    _quiet: int = 0

    def hear(self, pcm: bytes) -> bool:
        """Take a frame. Return whether the recording is over."""
        if not self.is_on:
            return False
        self._frames.append(pcm)
        self.has_speech |= self._detector.look(pcm) is Change.STARTED
        self._quiet = 0 if self._detector.is_speaking else self._quiet + 1
        longest = PAUSE_SECONDS if self.has_speech else NOTHING_SECONDS
        seconds = len(self._frames) * FRAME_SECONDS
        return self._quiet * FRAME_SECONDS >= longest or seconds >= self.max_seconds

    def take(self) -> bytes:
        """Return the samples; nothing if nobody spoke."""
        return b"".join(self._frames) if self.has_speech else b""


async def as_report(call: str, pcm: bytes, services: Services) -> Recorded:
    """Return what the desk is told of a recording: its sound, and its words if a model hears."""
    if not pcm:
        return Recorded(call=call)
    audio = await asyncio.to_thread(as_ogg, pcm)
    text, access = "", services.openai
    if access is not None and access.transcription_model:
        try:
            text = await transcribe(pcm, access, services.http)
        except NotHeard as error:
            logger.warning("a recording has no words: {}", error)
    return Recorded(call=call, audio=base64.b64encode(audio).decode(), text=text)


def as_ogg(pcm: bytes) -> bytes:
    """Return samples as a file of Ogg Opus, which phones and browsers play."""
    encoder, file = OpusEncoder(), io.BytesIO()
    write_recording(file, [*encoder.encode(pcm), *encoder.finish()])
    return file.getvalue()
