"""One call of a person, from the offer to the end: what is asked of Meta and of the engine."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loguru import logger

from features.calls.call_events import CallEvents, CallOver
from features.calls.calling import CallingApi, advice
from features.calls.engine_port import Engine, EngineGone
from features.calls.protocol import Accepted, Answer, Connected, Offer
from features.calls.protocol import End as EndOrder
from features.calls.states import CallState, End
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
    #: How long we let a phone ring.
    ring: timedelta = timedelta(seconds=45)
    #: Longest message that a caller may leave for the team; zero: none.
    message: timedelta = timedelta(0)


@dataclass(slots=True, kw_only=True)
class IncomingCall(ABC):
    """Answers one call, has somebody talk in it, and ends it at the engine and at Meta."""

    #: Meta's id.
    call: str
    sdp: str = field(repr=False)
    language: str
    offered_at: datetime
    engine: Engine
    api: CallingApi
    times: CallTimes
    #: Told when each stage was reached, in seconds since the call was taken up: Meta's own time
    #: of the offer has no fractions.
    staged: Callable[[CallState, float], None] = lambda state, seconds: None
    events: CallEvents = field(default_factory=CallEvents)
    began: float = field(default_factory=time.perf_counter)

    @abstractmethod
    async def note_state(self, state: CallState) -> bool:
        """Note how far the call is. Return False if it is over already."""

    @abstractmethod
    async def note_reason(self, end: End) -> None:
        """Note why the call is about to end."""

    @abstractmethod
    async def hold_talk(self) -> None:
        """Talk until the call ends. Raises CallOver."""

    async def carry(self) -> CallOver:
        """Answer the call, talk, and end it. Return why it ended."""
        over = await self._until_over()
        if not over.by_meta:
            await self.note_reason(over.end)
            await self._hang_up()
        return over

    async def _until_over(self) -> CallOver:
        try:
            longest = (self.times.longest + SLACK).total_seconds()
            async with asyncio.timeout(longest) as self.events.limit:
                await self._answer()
                await self.hold_talk()
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
        call, since, events = self.call, self.offered_at, self.events
        await self.engine.send(Offer(call=call, sdp=self.sdp, language=self.language))
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
        if not await self.note_state(state):
            raise CallOver(End.COMPLETED, by_meta=True)

    async def _close(self, end: End) -> None:
        if self.events.ended is not None:
            return
        try:
            await self.engine.send(EndOrder(call=self.call, reason=end.value))
        except EngineGone:
            return

    async def _hang_up(self) -> None:
        """End the call at Meta, whoever ended the audio: Meta's clock counts."""
        try:
            if self.events.is_accepted:
                await self.api.terminate(self.call)
            else:
                await self.api.reject(self.call, since=self.offered_at)
        except WhatsAppError as error:
            logger.info("Meta did not end a call: {}", advice(error))
