"""Speaks the lines that the desk orders, one after another."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from features.calls.engine.opus import SILENCE
from features.calls.engine.speech import Speaker
from features.calls.engine.utterances import SpeechQueue
from features.calls.frame import Frame
from features.calls.protocol import Said, Say

#: Pause between two lines, in packets.
PAUSE = (SILENCE,) * 10


@dataclass(slots=True)
class LinePlayer:
    """Speaks the lines of one call; `ended_at` is when the last one was sent before the end."""

    call: str
    speaker: Speaker
    queue: SpeechQueue
    report: Callable[[Frame], None]
    clock: Callable[[], float]
    saying: Say | None = None
    ended_at: float | None = None
    _speaking: asyncio.Task[None] | None = field(default=None)

    def say(self, said: Say) -> None:
        """Speak lines in place of what is being said, or let the model finish, if they yield."""
        if said.yields and self.queue.is_speaking and self.saying is None:
            self.saying = said
            return
        self.stop()
        self.queue.flush()
        self.saying = said
        self._speaking = asyncio.create_task(self._speak(said))
        self._speaking.add_done_callback(self._look_at_speaking)

    def stop(self) -> None:
        """Forget what is being said."""
        self.saying = None
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None

    def idle(self) -> None:
        """Nothing is left in the mouth."""
        if self.saying is not None and self._speaking is None:
            self._finish(self.saying)

    async def _speak(self, said: Say) -> None:
        is_first, is_pointed = True, False
        for line in said.lines:
            utterance = self.queue.begin(line.text)
            packets = await self.speaker.speak(line)
            if not packets and not is_pointed:
                packets, is_pointed = await self.speaker.say_instead(line.language), True
            if packets:
                self.queue.add(utterance, packets if is_first else (*PAUSE, *packets))
                is_first = False
            self.queue.finish(utterance)
        self._speaking = None
        if not self.queue.is_speaking:
            self.idle()

    def _look_at_speaking(self, task: "asyncio.Task[None]") -> None:
        """Go on with the call when a line could not be prepared."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        logger.error("a line was not spoken: {}", type(error).__name__)
        if task is self._speaking and self.saying is not None:
            self._speaking = None
            self.queue.flush()
            self._finish(self.saying)

    def _finish(self, said: Say) -> None:
        self.saying = None
        self.report(Said(call=self.call))
        if said.then_end:
            self.ended_at = self.clock()
