"""What runs beside the jobs while a worker runs: the engine, signs of life, orphans, call hours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from features.calls import takers
from features.calls.desk import CallDesk
from features.calls.link import EngineProcess
from services.clients.cloud_api.errors import WhatsAppError
from services.sending.numbers import acting_as
from storage.engine.group_commit import Transaction
from utils.background import running_beside

#: Seconds between two signs of life, two looks for calls of processes that are gone, and two
#: looks at the call hours.
ALIVE_SECONDS, ORPHANS_SECONDS, HOURS_SECONDS = 2.0, 3.0, 900.0
#: Seconds between two notes that this process takes calls.
TAKES_SECONDS = 20.0
#: Pause after a failure of what is done once, in seconds.
RETRY_SECONDS = 15.0

Act = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CallService:
    """Holds what calls need."""

    desk: CallDesk
    #: None where calls are off.
    engine: EngineProcess | None
    #: Time for which calls may go on while the process stops.
    patience: timedelta

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer calls until the end of the block; then say goodbye to those that go on."""
        async with AsyncExitStack() as stack:
            if self.engine is not None:
                await stack.enter_async_context(self.engine.running())
                await stack.enter_async_context(_repeated(self.desk.keep_alive, ALIVE_SECONDS))
                await stack.enter_async_context(_repeated(self._learn_hours, HOURS_SECONDS))
                await stack.enter_async_context(_repeated(self._note_taker, TAKES_SECONDS))
            pause = None if self.engine is None else ORPHANS_SECONDS
            await stack.enter_async_context(_repeated(self._end_orphans, pause))
            try:
                yield
            finally:
                await self.desk.drain(self.patience)

    async def _end_orphans(self) -> None:
        if ended := await self.desk.end_orphans():
            logger.warning("calls of a process that is gone were ended: {}", ended)

    async def _note_taker(self) -> None:
        """Note that a process takes calls, for `doctor` and for the health of others."""
        parts = self.desk.parts
        now = parts.clock()
        await parts.database.submit(Transaction(lambda c, _: takers.note(c, now)))

    async def _learn_hours(self) -> None:
        for number in list(self.desk.parts.cloud_api.numbers):
            with acting_as(number.id):
                self.desk.hours.learn(number.id, await self.desk.api.settings())


@asynccontextmanager
async def _repeated(act: Act, seconds: float | None) -> AsyncIterator[None]:
    """Do something again and again, or once if `seconds` is None; what fails is tried again."""

    async def repeat() -> None:
        while True:
            if await _has_done(act) and seconds is None:
                return
            await asyncio.sleep(seconds or RETRY_SECONDS)

    async with running_beside(repeat()):
        yield


async def _has_done(act: Act) -> bool:
    try:
        await act()
    except (SQLAlchemyError, OSError, WhatsAppError) as error:
        logger.warning("calls: {} failed: {}", act.__name__, type(error).__name__)
        return False
    return True
