"""A call of `WhatsAppClient`: what a program learns about it, and does in it."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loguru import logger

from features.calls.call_events import CallOver, Draining
from features.calls.calling import turn_away
from features.calls.engine_port import CallReport, Drain, EngineGone, HungUp, MetaAnswer, MetaStatus
from features.calls.incoming_call import IncomingCall
from features.calls.operators import OperatorJoins, OperatorWishes
from features.calls.protocol import CallOrder, Line, Say
from features.calls.states import CallState, End

#: Events of the bot, which a program has no use for.
OF_THE_BOT = (HungUp, Drain, MetaAnswer, MetaStatus, OperatorJoins, OperatorWishes)


@dataclass(frozen=True, slots=True)
class CallInfo:
    """What Meta says of a call."""

    #: Meta's id.
    id: str
    #: The caller's number, digits only; None if a username hides it.
    number: str | None = field(repr=False)
    #: The caller's id for this business; None in webhooks that lack it.
    user_id: str | None = field(repr=False)
    #: Name in the caller's profile.
    name: str | None = field(repr=False)
    #: When the phone began to ring here.
    at: datetime
    #: What the button or the link carries by which the person called.
    payload: str | None = field(default=None, repr=False)
    direction: str = "USER_INITIATED"


class CallConnection:
    """The audio of a call that was answered.

    `async for report in connection` yields what happens until the call ends: `Digit`, `Said`,
    `Heard`, `Recorded` and others (`features.calls.protocol`).
    """

    def __init__(self, call: CallInfo, language: str, course: "ClientCall | None" = None) -> None:
        self.call = call
        #: Why the call is over; None while it goes on.
        self.end: End | None = None
        self._language = language
        self._course = course
        self._reports: asyncio.Queue[CallReport | None] = asyncio.Queue()

    async def say(
        self, text: str, *, language: str | None = None, then_hang_up: bool = False
    ) -> None:
        """Speak a text in place of what is being said. Raises EngineGone."""
        line = Line(text=text, language=language or self._language)
        await self.send(Say(call=self.call.id, lines=(line,), then_end=then_hang_up))

    async def send(self, order: CallOrder) -> None:
        """Give an order to the engine, such as `Record` or `Converse`. Raises EngineGone."""
        if self._course is None or self.end is not None:
            raise EngineGone
        await self._course.engine.send(order)

    async def disconnect(self) -> None:
        """End the call."""
        if self._course is not None:
            self._course.leave(End.COMPLETED)

    async def __aiter__(self) -> AsyncIterator[CallReport]:
        """Yield what happens in the call."""
        while (report := await self._reports.get()) is not None:
            yield report

    def attach(self, course: "ClientCall") -> None:
        """Let orders reach the engine of a call."""
        self._course = course

    def take(self, report: CallReport) -> None:
        """Have a report read by the program."""
        self._reports.put_nowait(report)

    def close(self, end: End) -> None:
        """Tell the program that the call is over."""
        self.end = end
        self._reports.put_nowait(None)


#: Function that gets the connection of a call that was answered, and the call.
ConnectionCallback = Callable[..., Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class ClientCall(IncomingCall):
    """Answers one call, and leaves the talk to the callback of a program."""

    connection: CallConnection
    callback: ConnectionCallback | None
    #: Waits until the engine can take the call. Returns False if it does not start.
    start: Callable[[], Awaitable[bool]]
    #: Told that the call is over.
    forget: Callable[[str], None]
    #: Runs something beside the call.
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    _end: End = field(default=End.DRAINED)

    async def run(self) -> End:
        """Answer the call and end it; the program is told of both."""
        end = End.FAILED
        self.connection.attach(self)
        self.engine.route(self.call, self.events.queue)
        try:
            if await self.start():
                end = (await self.carry()).end
            else:
                await turn_away(self.api, self.call, self.offered_at)
        finally:
            self.engine.unroute(self.call)
            self.connection.close(end)
            self.forget(self.call)
        return end

    async def note_state(self, state: CallState) -> bool:
        """Note nothing: there is no database."""
        return True

    async def note_reason(self, end: End) -> None:
        """Note nothing: there is no database."""

    async def hold_talk(self) -> None:
        """Hand the connection to the program, and what happens in the call, until it ends."""
        if self.callback is not None:
            self.spawn(self._call_back(self.callback))
        while True:
            try:
                event = await self.events.next()
            except Draining:
                raise CallOver(self._end) from None
            if not isinstance(event, OF_THE_BOT):
                self.connection.take(event)

    def leave(self, end: End) -> None:
        """End the call for a reason of the program."""
        self._end = end
        self.events.queue.put_nowait(Drain())

    async def _call_back(self, callback: ConnectionCallback) -> None:
        try:
            if _takes_call(callback):
                await callback(self.connection, self.connection.call)
            else:
                await callback(self.connection)
        except Exception as error:  # noqa: BLE001 - it is the program's, and may be anything
            logger.opt(exception=error).error("the callback of a call failed, which ends the call")
            self.leave(End.FAILED)


def _takes_call(callback: ConnectionCallback) -> bool:
    """Return whether a callback takes the call as well, or the connection alone."""
    try:
        inspect.signature(callback).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True
