"""One call that goes on, from the offer to the end: what is asked of Meta and of the engine."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from loguru import logger

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver
from features.calls.calling import CallingApi, advice
from features.calls.dialog import CallDialog
from features.calls.engine_port import Engine, EngineGone
from features.calls.protocol import Accepted, Answer, Connected, Offer
from features.calls.protocol import End as EndOrder
from features.calls.speech import Speech
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from features.calls.talk import Talk
from services.clients.cloud_api.errors import Unavailable, WhatsAppError

#: Longest wait for the answer of the engine.
ANSWER_WITHIN = timedelta(seconds=3)
#: The desk waits so much longer than the engine, which ends calls by itself.
SLACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class CallTimes:
    """How long a call may take to connect, and last."""

    connect: timedelta
    longest: timedelta


@dataclass(slots=True)
class LiveCall:
    """Runs one call. Nothing else ends its row while it lives, except Meta's own word."""

    row: CallRow
    sdp: str = field(repr=False)
    speech: Speech
    #: Why only one sentence is said; None: the menu.
    short: End | None
    #: Begins the talk of an assistant, if one talks.
    begin_dialog: Callable[[], Awaitable[CallDialog | None]]
    engine: Engine
    api: CallingApi
    book: CallBook
    times: CallTimes
    #: Told when each stage was reached, in seconds since the call was taken up: Meta's own time
    #: of the offer has no fractions.
    staged: Callable[[CallState, float], None]
    events: CallEvents = field(default_factory=CallEvents)
    began: float = field(default_factory=time.perf_counter)

    async def run(self) -> End:
        """Answer the call, talk, and end it: at the engine, at Meta, and in its row."""
        self.engine.route(self.row.id, self.events.queue)
        try:
            over = await self._until_over()
        finally:
            self.engine.unroute(self.row.id)
        if not over.by_meta:
            await self._hang_up()
        heard = self.events.ended
        more = heard.model_dump(include={"heard_seconds", "said_seconds"}) if heard else {}
        row = await self.book.end(self.row.id, over.end, more)
        return row.reason or over.end if row is not None else over.end

    async def _until_over(self) -> CallOver:
        try:
            async with asyncio.timeout((self.times.longest + SLACK).total_seconds()):
                await self._answer()
                await self._talk()
        except CallOver as over:
            await self._close(over.end)
            return over
        except TimeoutError:
            await self._close(End.TOO_LONG)
            return CallOver(End.TOO_LONG)
        except EngineGone:
            return CallOver(End.FAILED)
        except WhatsAppError as error:
            logger.warning("a call could not be answered: {}", advice(error))
            await self._close(End.FAILED)
        return CallOver(End.FAILED)

    async def _answer(self) -> None:
        """Connect the audio, and only then accept: what is said first is heard."""
        call, since, events = self.row.id, self.row.offered_at, self.events
        language = self.speech.language
        await self.engine.send(Offer(call=call, sdp=self.sdp, language=language))
        answer = await events.wait_for(Answer, ANSWER_WITHIN, late=End.FAILED)
        await self.api.pre_accept(call, answer.sdp, since=since)
        await self._reach(CallState.PRE_ACCEPTED)
        await events.wait_for(Connected, self.times.connect + SLACK, late=End.NO_MEDIA)
        await self._reach(CallState.CONNECTED)
        try:
            await self.api.accept(call, answer.sdp, since=since)
        except Unavailable as error:
            if not error.ambiguous:
                raise  # else it may have been accepted: audio will tell
        events.is_accepted = True
        await self.engine.send(Accepted(call=call))
        await self._reach(CallState.TALKING)

    async def _reach(self, state: CallState) -> None:
        self.staged(state, time.perf_counter() - self.began)
        if not await self.book.advance(self.row.id, state):
            raise CallOver(End.COMPLETED, by_meta=True)

    async def _talk(self) -> None:
        dialog = None if self.short is not None else await self.begin_dialog()
        parts = (self.engine, self.book, self.events)
        talk = Talk(self.row, self.speech, self.short, dialog, *parts)
        await talk.run()

    async def _close(self, end: End) -> None:
        if self.events.ended is not None:
            return
        try:
            await self.engine.send(EndOrder(call=self.row.id, reason=end.value))
        except EngineGone:
            return

    async def _hang_up(self) -> None:
        """End the call at Meta, whoever ended the audio: Meta's clock counts."""
        try:
            if self.events.is_accepted:
                await self.api.terminate(self.row.id)
            else:
                await self.api.reject(self.row.id, since=self.row.offered_at)
        except WhatsAppError as error:
            logger.info("Meta did not end a call: {}", advice(error))
