"""One call of ours: from dialling to the end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from loguru import logger

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver
from features.calls.calling import CallingApi, advice
from features.calls.dialog import CallDialog
from features.calls.engine_port import Engine, EngineGone, MetaAnswer, MetaStatus
from features.calls.incoming_call import ANSWER_WITHIN, SLACK, CallTimes
from features.calls.meta_ends import REJECTED
from features.calls.operators import CallOperators
from features.calls.protocol import Accepted, Connected, Invitation, Invite, Line, Reply
from features.calls.protocol import End as EndOrder
from features.calls.rows import Offered
from features.calls.speech import Speech
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from features.calls.talk import Talk
from features.outgoing_calls.named_engine import NamedEngine
from features.outgoing_calls.signal_box import SignalBox
from services.clients.cloud_api.errors import Unavailable, WhatsAppError
from utils.background import running_beside

#: Meta's status once the person has taken the call. Sound alone proves nothing: it may ring.
ACCEPTED = "ACCEPTED"
#: Longest wait for Meta to say why the audio of a ringing call is gone, in seconds.
META_SECONDS = 10.0


@dataclass(slots=True)
class OutgoingCall:
    """Runs one call. The engine knows it by an id of ours, and Meta by one that it gives."""

    offered: Offered
    #: Whom Meta is to call.
    person: Mapping[str, str]
    speech: Speech
    opening: Line
    #: Begins the talk of an assistant, if one talks.
    begin_dialog: Callable[[CallRow], Awaitable[CallDialog | None]]
    engine: Engine
    api: CallingApi
    book: CallBook
    times: CallTimes
    box: SignalBox
    #: Told Meta's id of the call.
    named: Callable[["OutgoingCall", str], None]
    #: Who may take the call over; None: nobody.
    operators: CallOperators | None = None
    events: CallEvents = field(default_factory=CallEvents)
    #: Meta's id, once it is known.
    call: str | None = None
    #: Meta's code of why there is no call.
    error: int | None = None
    talk: Talk | None = None
    _is_connected: bool = False

    async def run(self) -> End:
        """Call, talk, and end the call: at the engine, at Meta, and in its row."""
        own_id = self.offered.id
        self.engine.route(own_id, self.events.queue)
        try:
            longest = (self.times.ring + self.times.longest).total_seconds()
            async with asyncio.timeout(longest) as self.events.limit:
                row = await self._dial()
                async with running_beside(self.box.watch(row.id, self.events)):
                    await self._wait_for_pick_up()
                    await self._talk(row)
            over = CallOver(End.FAILED)
        except CallOver as ended:
            over = ended
        except TimeoutError:
            over = CallOver(End.TOO_LONG)
        except EngineGone:
            over = CallOver(End.FAILED)
        except WhatsAppError as error:
            logger.warning("a person could not be called: {}", advice(error))
            self.error = error.code
            over = CallOver(End.FAILED)
        try:
            return await self._finish(over)
        finally:
            self.engine.unroute(own_id)

    async def _dial(self) -> CallRow:
        """Have Meta call the person. Return the row under Meta's id of the call."""
        own_id = self.offered.id
        await self.engine.send(Invite(call=own_id, language=self.speech.language))
        invitation = await self.events.wait_for(Invitation, ANSWER_WITHIN, late=End.FAILED)
        self.call = call = await self._connect(invitation.sdp)
        row = await self.book.name(own_id, call)
        if row is None:
            raise CallOver(End.FAILED)  # the person deleted their data meanwhile
        if row.is_over:
            raise CallOver(row.reason or End.FAILED, by_meta=True)
        self.named(self, call)
        return row

    async def _connect(self, sdp: str) -> str:
        try:
            return await self.api.connect(self.person, sdp)
        except Unavailable as error:
            # the phone may ring: Meta's webhook tells by which id
            new = self.offered
            found = None
            if error.ambiguous:
                found = await self.box.unnamed_call(new.user_key, new.offered_at)
            if found is None:
                raise
            return found

    async def _wait_for_pick_up(self) -> None:
        """Connect the audio while the phone rings; nothing is said before the person answers."""
        own_id, is_answered = self.offered.id, False
        try:
            async with asyncio.timeout(self.times.ring.total_seconds()):
                while not is_answered:
                    is_answered = await self._follow()
        except TimeoutError:
            raise CallOver(End.NO_ANSWER) from None
        except CallOver as over:
            if over.end is not End.MISSED or self.events.ended is None:
                raise
            await self._hear_of_meta()  # the phone has closed the audio
        if not self._is_connected:
            await self.events.wait_for(Connected, self.times.connect + SLACK, late=End.NO_MEDIA)
        self.events.is_accepted = True
        await self.engine.send(Accepted(call=own_id))

    async def _hear_of_meta(self) -> None:
        """Raise CallOver with what Meta says of a call whose audio is gone before it was taken."""
        try:
            async with asyncio.timeout(META_SECONDS):
                while not await self._follow():
                    pass
        except TimeoutError:
            raise CallOver(End.NO_ANSWER) from None
        raise CallOver(End.COMPLETED)

    async def _follow(self) -> bool:
        """Follow the next event. Return whether the person took the call."""
        match await self.events.next():
            case MetaAnswer(sdp=sdp):
                await self.engine.send(Reply(call=self.offered.id, sdp=sdp))
            case Connected():
                self._is_connected = True
                await self._reach(CallState.CONNECTED)
            case MetaStatus(status=status) if status == REJECTED:
                raise CallOver(End.DECLINED, by_meta=True)
            case MetaStatus(status=status):
                return status == ACCEPTED
        return False

    async def _reach(self, state: CallState) -> None:
        if self.call is not None and not await self.book.advance(self.call, state):
            raise CallOver(End.COMPLETED, by_meta=True)

    async def _talk(self, row: CallRow) -> None:
        await self._reach(CallState.TALKING)
        dialog = await self.begin_dialog(row)
        engine = NamedEngine(self.engine, self.offered.id)
        parts = (engine, self.book, self.events, self.opening, self.times.message)
        self.talk = Talk(row, self.speech, None, dialog, *parts, self.operators)
        await self.talk.run()

    async def _finish(self, over: CallOver) -> End:
        if self.events.ended is None:
            with suppress(EngineGone):
                await self.engine.send(EndOrder(call=self.offered.id, reason=over.end.value))
        if self.call is not None and not over.by_meta:
            await self.book.note_reason(self.call, over.end)
            await self._hang_up(self.call)
        heard = self.events.ended
        more = heard.model_dump(include={"heard_seconds", "said_seconds"}) if heard else {}
        if self.error is not None:
            more["error"] = self.error
        row = await self.book.end(self.call or self.offered.id, over.end, more)
        if self.talk is not None:
            await self.talk.finish()
        return row.reason or over.end if row is not None else over.end

    async def _hang_up(self, call: str) -> None:
        try:
            await self.api.terminate(call)
        except WhatsAppError as error:
            logger.info("Meta did not end a call: {}", advice(error))
