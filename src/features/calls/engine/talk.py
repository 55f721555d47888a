"""What is said in one call: lines of the desk, and a model that talks with the caller."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import aiohttp
from loguru import logger

from features.calls.engine.lines import LinePlayer
from features.calls.engine.mouth import Mouth
from features.calls.engine.pipeline import PipelineTalker
from features.calls.engine.realtime import RealtimeTalker
from features.calls.engine.realtime_answers import SpokenAnswers
from features.calls.engine.speech import Speaker
from features.calls.engine.talker import Talker
from features.calls.engine.utterances import SpeechQueue, Utterance
from features.calls.frame import Frame
from features.calls.protocol import Line, Said, Say
from features.calls.talker_frames import (
    Converse,
    Instruct,
    OpenAiAccess,
    Spoken,
    TalkerGone,
    TalkerKind,
    ToolResult,
)


@dataclass(frozen=True, slots=True)
class Services:
    """What all calls use."""

    speaker: Speaker
    #: Connections to the server of a model, and the access to it; None where there is none.
    http: aiohttp.ClientSession
    openai: OpenAiAccess | None = None


class CallTalk:
    """The speech of one call."""

    def __init__(
        self,
        call: str,
        services: Services,
        report: Callable[[Frame], None],
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._services = services
        self._report = report
        self._clock = clock
        self.mouth = Mouth(clock, self._drained)
        self._queue = SpeechQueue(self.mouth, self._spoken, self._idle)
        self._lines = LinePlayer(call, services.speaker, self._queue, report, clock)
        self._talker: Talker | None = None
        self._talking: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is said, or about to be."""
        return self._lines.saying is not None or self._queue.is_speaking

    @property
    def ended_at(self) -> float | None:
        """When the last words were sent; None while the call goes on."""
        return self._lines.ended_at

    def say(self, said: Say) -> None:
        """Speak lines in place of what is being said."""
        if said.then_end and not said.yields:
            self.dismiss()
        elif not said.yields and self._talker is not None:
            self._talker.interrupt()
        self._lines.say(said)

    def converse(self, brief: Converse) -> None:
        """Have a model talk with the caller, in place of one that does."""
        self.dismiss()
        if (talker := self._make_talker(brief)) is None:
            self._report(TalkerGone(call=self._call, why="no access"))
            return
        self._talker = talker
        self._talking = asyncio.create_task(self._talk(talker))

    def dismiss(self) -> None:
        """End the talk of the model; what it has said so far is heard."""
        self._queue.settle()
        self._talker = None
        if self._talking is not None:
            self._talking.cancel()
            self._talking = None

    def tell_model(self, order: ToolResult | Instruct) -> None:
        """Pass something on to the model, if it still talks."""
        if self._talker is None:
            return
        if isinstance(order, ToolResult):
            self._talker.result(order)
        else:
            self._talker.instruct(order.text)

    def hear(self, pcm: bytes) -> None:
        """Take sound of the caller."""
        if self._talker is not None:
            self._talker.hear(pcm)

    def press(self) -> None:
        """Fall silent for a key; the last words are said nevertheless."""
        saying = self._lines.saying
        if saying is not None and not saying.then_end:
            self._silence()
            self._report(Said(call=self._call, is_interrupted=True))
        elif self._talker is not None:
            self._talker.interrupt()

    def tick(self, now: float) -> None:
        """Give a model up that does not answer."""
        if self._talker is not None and (why := self._talker.why_gone(now)) is not None:
            self._give_up(why)

    def close(self) -> None:
        """Say no more."""
        self.dismiss()
        self._silence()

    def _make_talker(self, brief: Converse) -> Talker | None:
        access = self._services.openai
        if access is None:
            return None
        if brief.talker is TalkerKind.PIPELINE:
            return PipelineTalker(
                brief=brief,
                access=access,
                http=self._services.http,
                can_speak=self._services.speaker.can_speak,
                report=self._report,
                fall_silent=self._fall_silent,
            )
        return RealtimeTalker(
            brief=brief,
            access=access,
            http=self._services.http,
            answers=SpokenAnswers(self._queue, self._fall_silent),
            report=self._report,
            speak=partial(self._speak_for_model, brief.language),
            clock=self._clock,
        )

    async def _talk(self, talker: Talker) -> None:
        why = await talker.run()
        if self._talker is talker:
            self._give_up(why)

    def _give_up(self, why: str) -> None:
        """Tell the desk that the model is gone, which goes on without it."""
        logger.warning("the model no longer talks in a call: {}", why)
        self.dismiss()
        self._report(TalkerGone(call=self._call, why=why))

    def _speak_for_model(self, language: str, text: str) -> None:
        self._lines.say(Say(call=self._call, lines=(Line(text=text, language=language),)))

    def _silence(self) -> Sequence[tuple[Utterance, int]]:
        self._lines.stop()
        return self._queue.flush()

    def _fall_silent(self) -> Sequence[tuple[Utterance, int]]:
        """Fall silent for the caller; the last words are said nevertheless."""
        saying = self._lines.saying
        return () if saying is not None and saying.then_end else self._silence()

    def _drained(self) -> None:
        self._queue.drained()

    def _idle(self) -> None:
        self._lines.idle()

    def _spoken(self, utterance: Utterance, played: int) -> None:
        text = utterance.heard_text(played)
        if self._talker is not None and text:
            is_cut = len(text) < len(utterance.text)
            self._report(Spoken(call=self._call, text=text, is_cut=is_cut))
