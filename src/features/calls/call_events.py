"""What happens to one call, as the code that runs it waits for it: each wait ends with a reason."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from loguru import logger

from features.calls.engine_port import CallEvent, Drain, HungUp
from features.calls.protocol import (
    Answer,
    CallEnd,
    Connected,
    Ended,
    Invitation,
    Refused,
)
from features.calls.states import End

ENDS: Mapping[CallEnd, End] = {
    CallEnd.NO_MEDIA: End.NO_MEDIA,
    CallEnd.LOST: End.LOST,
    CallEnd.TOO_LONG: End.TOO_LONG,
    CallEnd.CLOSED: End.COMPLETED,
    CallEnd.FAILED: End.FAILED,
}

#: Longest time for which an operator talks in a call.
LONGEST_JOINED = timedelta(hours=4)

Awaited = TypeVar("Awaited", Answer, Invitation, Connected, Ended)


class CallOver(Exception):
    """The call has ended, and why; `by_meta` says that nothing is to be asked of Meta."""

    def __init__(self, end: End, *, by_meta: bool = False) -> None:
        super().__init__(end.value)
        self.end = end
        self.by_meta = by_meta


class Draining(Exception):
    """The process stops in the middle of the call."""


@dataclass(slots=True)
class CallEvents:
    """The events of one call, in their order."""

    queue: "asyncio.Queue[CallEvent]" = field(default_factory=asyncio.Queue)
    #: Whether Meta was told that the call is answered.
    is_accepted: bool = False
    #: Whether the last words are being said.
    is_leaving: bool = False
    #: What the engine said of the end; None while it has the call.
    ended: Ended | None = None
    #: Ends the call when its time is over.
    limit: asyncio.Timeout | None = None

    async def next(self) -> CallEvent:
        """Return the next event. Raises CallOver if it is the end, and Draining."""
        event = await self.queue.get()
        match event:
            case Ended(end=end):
                self.ended = event
                was_left = end is CallEnd.CLOSED and not self.is_accepted
                raise CallOver(End.MISSED if was_left else ENDS[end])
            case Refused(why=why):
                logger.warning("the engine refused an offer: {}", why)
                self.ended = Ended(call=event.call, end=CallEnd.FAILED)
                raise CallOver(End.FAILED)
            case HungUp():
                raise CallOver(End.COMPLETED if self.is_accepted else End.MISSED, by_meta=True)
            case Drain() if not self.is_accepted:
                raise CallOver(End.DRAINED)
            case Drain() if not self.is_leaving:
                raise Draining
        return event

    async def wait_for(self, kind: type[Awaited], within: timedelta, late: End) -> Awaited:
        """Return the next event of a kind. Raises CallOver if the call ends first, or if late."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                while True:
                    event = await self.next()
                    if isinstance(event, kind):
                        return event
        except TimeoutError:
            raise CallOver(late) from None

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Let an operator talk for hours; the time that the bot had left goes on afterwards."""
        limit = self.limit
        if limit is None or (until := limit.when()) is None:
            yield
            return
        now = asyncio.get_running_loop().time
        began = now()
        limit.reschedule(began + LONGEST_JOINED.total_seconds())
        try:
            yield
        finally:
            if not limit.expired():
                limit.reschedule(until + now() - began)
