"""The process: orders of the desk in, reports out, until the desk closes the pipe."""

import asyncio
import gc
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from importlib.metadata import version
from typing import Any, BinaryIO

import aiohttp
from loguru import logger

from features.calls.engine.call import Call
from features.calls.engine.peer import allow_loopback, warm_up
from features.calls.engine.speech import Files, Speaker, find_synthesizer
from features.calls.engine.talk import Services
from features.calls.frame import Frame
from features.calls.framing import MAX_FRAME, FrameError, encode, read_order
from features.calls.leg_frames import Join, Leave
from features.calls.protocol import (
    Accepted,
    Beat,
    CallEnd,
    Configure,
    End,
    Invite,
    Offer,
    Order,
    Ready,
    Record,
    Refused,
    Reply,
    Say,
    StopRecording,
)
from features.calls.talker_frames import Converse, Dismiss
from utils.gc_tuning import tuned_gc

#: Time between two looks at the timers of all calls, and between two signs of life, in seconds.
TICK_SECONDS, BEAT_SECONDS = 0.1, 2.0
#: Longest wait for all calls to close when the desk is gone, in seconds.
LEAVE_SECONDS = 3.0
#: Time after a call until its memory is freed, in seconds: its tasks have ended by then.
FREE_SECONDS = 0.5


class Engine:
    """The calls of one desk. `report` sends a frame to it; `clock` gives seconds."""

    def __init__(
        self,
        report: Callable[[Frame], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        files: Files | None = None,
    ) -> None:
        self._report = report
        self._clock = clock
        self._files = files or Files()
        self._calls: dict[str, Call] = {}
        self._settings = Configure()
        self._services: Services | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()
        #: frames of calls that are over, and all frames up to the last beat, as `Call.traffic`
        self._past = Counter[str]()
        self._told = Counter[str]()

    async def handle(self, order: Order) -> None:
        """Carry out an order; what takes time goes on beside it."""
        if isinstance(order, Configure):
            await self._configure(order)
        elif isinstance(order, Offer | Invite):
            self._begin(order)
        elif (call := self._calls.get(order.call)) is None:
            return  # it has just ended, and its report is on the way
        elif isinstance(order, Reply):
            self._start(call.connect(order))
        elif isinstance(order, Accepted):
            call.accept()
        elif isinstance(order, Say):
            call.talk.say(order)
        elif isinstance(order, Record):
            call.record(order)
        elif isinstance(order, StopRecording):
            call.stop_recording()
        elif isinstance(order, End):
            self._start(self._end(call, CallEnd.CLOSED))
        elif isinstance(order, Join):
            self._start(call.bridge.join(order))
        elif isinstance(order, Leave):
            self._start(call.bridge.leave(order.leg))
        elif isinstance(order, Converse):
            call.talk.converse(order)
        elif isinstance(order, Dismiss):
            call.talk.dismiss()
        else:
            call.talk.tell_model(order)

    def tick(self) -> None:
        """End calls whose time is over."""
        for call in list(self._calls.values()):
            end = None if call.is_over else call.due_end()
            if end is not None:
                self._start(self._end(call, end))
            elif call.is_over:
                self._forget(call)

    def beat(self) -> None:
        """Report a sign of life, with the packets since the last one."""
        traffic = sum((call.traffic() for call in self._calls.values()), self._past)
        active = sum(not call.is_over for call in self._calls.values())
        self._report(Beat(active=active, **(traffic - self._told)))
        self._told = traffic

    async def close(self) -> None:
        """End every call."""
        for call in list(self._calls.values()):
            self._start(self._end(call, CallEnd.CLOSED))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVE_SECONDS)
        await self._stack.aclose()

    async def _configure(self, settings: Configure) -> None:
        self._settings = settings
        if self._services is not None:
            return  # other settings for later calls
        if settings.loopback:
            allow_loopback()
        session = await self._stack.enter_async_context(aiohttp.ClientSession())
        synthesizer, name = find_synthesizer(settings.openai, session)
        self._services = Services(Speaker(self._files, synthesizer), session, settings.openai)
        await warm_up()
        self._report(Ready(speaks=name, version=version("aiortc")))

    def _begin(self, order: Offer | Invite) -> None:
        if order.call in self._calls:
            self._report(Refused(call=order.call, why="known"))
            return
        assert self._services is not None, "Configure is the first order"
        call = Call(order.call, self._settings, self._services, self._report, self._clock)
        self._calls[order.call] = call
        self._start(call.answer(order) if isinstance(order, Offer) else call.invite())

    async def _end(self, call: Call, end: CallEnd) -> None:
        await call.end(end)
        self._forget(call)

    def _forget(self, call: Call) -> None:
        if self._calls.pop(call.id, None) is not None:
            self._past += call.traffic()
            # Connections of aiortc refer to themselves, and the collector runs seldom (`tuned_gc`).
            # After the start it has little to look at: it takes 2 ms.
            asyncio.get_running_loop().call_later(FREE_SECONDS, gc.collect)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # without its text, which may quote SDP
            logger.error("a call failed: {}", type(error).__name__)


async def serve(reader: asyncio.StreamReader, send: Callable[[bytes], None]) -> int:
    """Carry calls until the desk closes its pipe; return the exit code of the process."""
    engine = Engine(lambda frame: send(encode(frame)))
    clocks = [
        asyncio.create_task(_repeat(engine.tick, TICK_SECONDS)),
        asyncio.create_task(_repeat(engine.beat, BEAT_SECONDS)),
    ]
    try:
        while (order := await read_order(reader)) is not None:
            await engine.handle(order)
    except FrameError as error:
        logger.error("the desk cannot be understood: {}", error)
        return 1
    finally:
        for clock in clocks:
            clock.cancel()
        await engine.close()
    return 0


async def _repeat(act: Callable[[], None], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        act()


async def _serve_pipes(output: BinaryIO) -> int:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_FRAME)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    transport, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, output)
    try:
        return await serve(reader, transport.write)
    finally:
        transport.close()


def main() -> int:
    """Run the engine on the pipes of this process."""
    logger.remove()
    logger.add(sys.stderr, format="calls.engine {level} {message}", level="INFO", backtrace=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the desk decides when to stop
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0) as output, tuned_gc():
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # only frames go to the desk
        return asyncio.run(_serve_pipes(output))
