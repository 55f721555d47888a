"""Programs that run beside this one, and end with it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from app.development import exit_with_parent as tethered

PROBE_INTERVAL = timedelta(milliseconds=20)
PROBE_TIMEOUT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Program:
    """A Python module that serves HTTP."""

    #: as after `python -m`
    arguments: Sequence[str]
    environment: Mapping[str, str]
    url: str
    #: the path that answers 200 once it is ready
    health: str

    async def start(self) -> "Running":
        command = [sys.executable, "-m", tethered.__name__, *self.arguments]
        # in a group of its own, so that Ctrl-C reaches only whoever stops the programs in order
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            process_group=None if sys.platform == "win32" else 0,
        )
        return Running(process, self.url + self.health)


class Running:
    """A program that was started."""

    def __init__(self, process: asyncio.subprocess.Process, health_url: str) -> None:
        self._process = process
        self._health_url = health_url

    async def ended(self) -> int:
        """Its exit code, once it has one."""
        return await self._process.wait()

    async def ready(self) -> bool:
        """Wait until it answers; False when it ended instead."""
        while self._process.returncode is None:
            if await answers(self._health_url):
                return True
            await asyncio.sleep(PROBE_INTERVAL.total_seconds())
        return False

    async def stop(self, *, patience: timedelta) -> None:
        """Ask it to stop; past `patience`, kill it and what it started."""
        if self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), patience.total_seconds())
        except TimeoutError:
            self._kill()
            await self._process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)


async def answers(url: str) -> bool:
    """True when a GET of this plain http:// URL is answered with 200."""
    address = urlsplit(url)
    request = f"GET {address.path} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n"
    try:
        async with asyncio.timeout(PROBE_TIMEOUT.total_seconds()):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            with contextlib.closing(writer):
                writer.write(request.encode())
                status_line = await reader.readline()
    except OSError:  # which a TimeoutError is too
        return False
    return status_line.split()[1:2] == [b"200"]
