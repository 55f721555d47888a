"""Programs that run beside this one, and end with it."""

import asyncio
import codecs
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from app.development import exit_with_parent
from utils.terminal import takes_colours

PROBE_INTERVAL = timedelta(milliseconds=20)
PROBE_TIMEOUT = timedelta(seconds=2)
#: End of what a program wrote to standard error that is kept, in characters.
MAX_KEPT_CHARS = 20_000
#: Bytes read from standard error at once.
CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Program:
    """A Python module that serves HTTP."""

    #: as after `python -m`
    arguments: Sequence[str]
    environment: Mapping[str, str]
    url: str
    #: the path that answers 200 once it is ready
    health: str
    #: whether to keep the end of what it writes to standard error, which is shown anyway
    keeps_stderr: bool = False

    async def start(self) -> "RunningProgram":
        command = [sys.executable, "-m", exit_with_parent.__name__, *self.arguments]
        # in a group of its own, so that Ctrl-C reaches only whoever stops the programs in order
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(self.environment) | (_colours() if self.keeps_stderr else {}),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE if self.keeps_stderr else None,
            process_group=None if sys.platform == "win32" else 0,
        )
        return RunningProgram(process, self.url + self.health)


class RunningProgram:
    """A program that was started."""

    def __init__(self, process: asyncio.subprocess.Process, health_url: str) -> None:
        self._process = process
        self._health_url = health_url
        self._stderr = ""
        self._copying = asyncio.create_task(self._copy_stderr())

    async def ended(self) -> int:
        """Its exit code, once it has one."""
        return await self._process.wait()

    async def last_words(self) -> str:
        """Return the end of what it wrote to standard error, once it has ended."""
        await self._copying
        return self._stderr

    async def ready(self) -> bool:
        """Wait until it answers; False when it ended instead."""
        while self._process.returncode is None:
            if await answers(self._health_url):
                return True
            await asyncio.sleep(PROBE_INTERVAL.total_seconds())
        return False

    def signal(self, number: int) -> None:
        """Pass a signal on."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

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

    async def _copy_stderr(self) -> None:
        """Show what it writes to standard error, and keep the end of it."""
        stream = self._process.stderr
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while stream is not None and (chunk := await stream.read(CHUNK_BYTES)):
            text = decoder.decode(chunk)
            sys.stderr.write(text)
            sys.stderr.flush()
            self._stderr = (self._stderr + text)[-MAX_KEPT_CHARS:]

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)


def _colours() -> dict[str, str]:
    """Let a program whose standard error is a pipe write for the terminal that shows it."""
    return {"FORCE_COLOR": "1"} if takes_colours(sys.stderr) else {}


async def answers(url: str) -> bool:
    """Return whether a GET of a plain http:// URL is answered with 200."""
    return await _status(url, "GET", b"") == b"200"


async def post(url: str, body: Mapping[str, Any]) -> bool:
    """Return whether JSON posted to a plain http:// URL is answered with 200."""
    return await _status(url, "POST", json.dumps(body).encode()) == b"200"


async def _status(url: str, method: str, body: bytes) -> bytes | None:
    """Return the HTTP status of an answer; None without one."""
    address = urlsplit(url)
    head = f"{method} {address.path} HTTP/1.0\r\nHost: {address.netloc}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        async with asyncio.timeout(PROBE_TIMEOUT.total_seconds()):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            with contextlib.closing(writer):
                writer.write(head.encode() + body)
                status_line = await reader.readline()
    except OSError:  # which a TimeoutError is too
        return None
    return next(iter(status_line.split()[1:2]), None)
