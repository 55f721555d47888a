"""The engine as a child process: orders go to its stdin, reports come from its stdout.

The child gets no environment but what Python needs: settings and keys are in the first frame. It
ends when its stdin is closed, so it never outlives the bot, however that ends. When the child ends,
every call that it had ends, and it is started again.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from loguru import logger

from features.calls.engine_port import CallEvent, EngineGone
from features.calls.framing import FrameError, encode, read_report
from features.calls.protocol import Beat, CallEnd, Configure, Ended, Order, Ready, Report
from utils.background import running_beside

#: The program.
COMMAND = (sys.executable, "-m", "features.calls.engine")
SOURCE = Path(__file__).parents[2]
#: Environment variables that Python needs to start.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
#: Pause before the engine is started again, at first and at most, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: Longest wait for the engine to end by itself, in seconds.
LEAVE_SECONDS = 5.0
#: The engine is overloaded if more than this part of its packets is late, over so many beats.
LATE_PART, LATE_BEATS = 0.02, 3
#: Longest line of the engine's log that is repeated, in characters.
MAX_LOG_CHARS = 500


@dataclass(slots=True)
class EngineProcess:
    """Runs the engine, and leads its reports to the calls."""

    settings: Configure
    command: tuple[str, ...] = COMMAND
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    #: Told of each sign of life.
    on_beat: Callable[[Beat], None] = lambda beat: None
    #: What the engine said of itself; None until it can take calls.
    ready: Ready | None = None
    _process: Process | None = None
    _is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    _calls: "dict[str, asyncio.Queue[CallEvent]]" = field(default_factory=dict)
    _beats: deque[Beat] = field(default_factory=lambda: deque(maxlen=LATE_BEATS))

    @property
    def is_up(self) -> bool:
        """Whether it can take calls: it runs, and its packets are on time."""
        return self.ready is not None and not self.is_overloaded

    @property
    def is_overloaded(self) -> bool:
        """Whether too many packets are late to take more calls; those of calls that go on count."""
        if not (self._beats and self._beats[-1].active):
            return False
        frames = sum(beat.frames for beat in self._beats)
        late = sum(beat.late_frames for beat in self._beats)
        return len(self._beats) == LATE_BEATS and late > frames * LATE_PART

    async def send(self, order: Order) -> None:
        """Give an order. Raises EngineGone."""
        pipe = self._process.stdin if self._process is not None and self.ready else None
        if pipe is None or pipe.is_closing():
            raise EngineGone
        try:
            pipe.write(encode(order))
            await pipe.drain()
        except OSError:
            raise EngineGone from None

    def configure(self, settings: Configure) -> None:
        """Use other settings for later calls; the access to models stays until a new start."""
        self.settings = settings
        pipe = self._process.stdin if self._process is not None else None
        if pipe is not None and not pipe.is_closing():
            pipe.write(encode(settings))

    async def until_ready(self) -> None:
        """Wait until it can take calls."""
        await self._is_ready.wait()

    def route(self, call: str, events: "asyncio.Queue[CallEvent]") -> None:
        """Have the reports about a call put there."""
        self._calls[call] = events

    def unroute(self, call: str) -> None:
        """Forget a call."""
        self._calls.pop(call, None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the engine running until the end of the block."""
        async with running_beside(self._keep_running()):
            yield

    async def _keep_running(self) -> None:
        pause = FIRST_PAUSE
        while True:
            was_up = await self._run_once()
            pause = FIRST_PAUSE if was_up else min(pause * 2, LONGEST_PAUSE)
            logger.error("the engine of calls has ended; it starts again in {:g} s", pause)
            await self.sleep(pause)

    async def _run_once(self) -> bool:
        """Run the engine until it ends. Return whether it could take calls."""
        given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        try:
            process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env={**given, "PYTHONPATH": str(SOURCE)},
            )
        except OSError as error:
            logger.error("the engine of calls cannot be started: {}", error)
            return False
        self._process = process
        log = asyncio.create_task(_repeat_log(process))
        try:
            await self._read(process)
        finally:
            was_up, self.ready, self._process = self.ready is not None, None, None
            self._is_ready.clear()
            self._beats.clear()
            self._end_calls()
            await _leave(process)
            await log
        return was_up

    async def _read(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(encode(self.settings))
            while (report := await read_report(process.stdout)) is not None:
                self._take(report)
        except (FrameError, OSError) as error:
            logger.error("the engine of calls cannot be understood: {}", error)

    def _take(self, report: Report) -> None:
        if isinstance(report, Ready):
            self.ready = report
            self._is_ready.set()
            logger.info("calls are answered: the engine speaks by {}", report.speaks)
        elif isinstance(report, Beat):
            self._beats.append(report)
            self.on_beat(report)
        elif (events := self._calls.get(report.call)) is not None:
            events.put_nowait(report)

    def _end_calls(self) -> None:
        for call, events in self._calls.items():
            events.put_nowait(Ended(call=call, end=CallEnd.FAILED))


def is_on_this_machine(url: str) -> bool:
    """Return whether an address is of this machine: the emulator's, whose phones are here, too."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.startswith("127.")


async def _repeat_log(process: Process) -> None:
    """Repeat what the engine logs."""
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            logger.info("{}", line.decode("utf-8", "replace").rstrip()[:MAX_LOG_CHARS])
    except ValueError:  # a line without end
        logger.warning("the log of the engine of calls cannot be read")


async def _leave(process: Process) -> None:
    """Close the pipe, which ends the engine; kill one that stays."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), LEAVE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
