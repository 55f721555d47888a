"""A message that a caller leaves for the team: recorded, kept, and passed on in the chat."""

import asyncio
import base64
import binascii
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from loguru import logger

from features.calls.book import CallBook
from features.calls.call_events import CallEvents, CallOver
from features.calls.engine_port import Engine, EngineGone
from features.calls.operators import OperatorJoins
from features.calls.protocol import Line, Record, Recorded, StopRecording
from features.calls.states import End
from features.calls.tables import CallRow

#: Longest time for the lines before a recording, and for its end.
LINES_WITHIN = timedelta(seconds=40)
#: Longest wait for a recording of a call that is over, in seconds: its words are written down.
LATE_SECONDS = 15.0


@dataclass(slots=True)
class VoiceMessage:
    """The message of one call."""

    row: CallRow
    engine: Engine
    book: CallBook
    events: CallEvents
    #: Longest message; zero: nobody is asked for one.
    longest: timedelta
    #: Whether the caller was asked, and the recording is not there yet.
    is_open: bool = False
    #: An operator who takes the call over while the message is recorded.
    joining: OperatorJoins | None = None

    @property
    def is_offered(self) -> bool:
        """Whether callers may leave messages: what cannot be encrypted is not kept."""
        return bool(self.longest) and self.book.keys.newest is not None

    async def take(self, *lines: Line) -> bool:
        """Ask for a message, and keep it. Return whether there is one; raise CallOver."""
        self.is_open = True
        seconds = int(self.longest.total_seconds())
        await self.engine.send(Record(call=self.row.id, lines=lines, max_seconds=seconds))
        try:
            async with asyncio.timeout((LINES_WITHIN + self.longest).total_seconds()):
                return await self._keep(await self._recorded())
        except TimeoutError:
            raise CallOver(End.COMPLETED) from None

    async def _recorded(self) -> Recorded:
        """Return what was recorded; an operator who joins ends it."""
        while True:
            match await self.events.next():
                case Recorded() as recorded:
                    return recorded
                case OperatorJoins() as joining:
                    self.joining = joining
                    await self.engine.send(StopRecording(call=self.row.id))

    async def finish(self) -> bool:
        """Keep what was said until the call ended. Return whether that is a message."""
        if not self.is_open:
            return False
        with suppress(EngineGone):
            await self.engine.send(StopRecording(call=self.row.id))
        try:
            async with asyncio.timeout(LATE_SECONDS):
                while not isinstance(event := await self.events.queue.get(), Recorded):
                    pass
        except TimeoutError:
            logger.warning("the message of a caller is lost: the engine did not give it out")
            return False
        return await self._keep(event)

    async def _keep(self, recorded: Recorded) -> bool:
        self.is_open = False
        try:
            audio = base64.b64decode(recorded.audio, validate=True)
        except binascii.Error:
            return False
        if audio:
            await self.book.keep_message(self.row, audio, recorded.text)
        return bool(audio)
