"""Reads untrusted files in processes of their own.

A file can be made to keep its reader busy for minutes. A thread cannot be stopped: other work
would wait, and the bot could not exit. A process can be killed.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Literal

from features.assistant.media_sandbox import child

#: Longest time to read one file, and longest wait for a free process, in seconds.
MAX_READ_SECONDS, MAX_WAIT_SECONDS = 20.0, 60.0
#: Most files that are read at once.
MAX_PROCESSES = 2
#: Environment variables that Python needs to start. The process gets no secret.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")

#: Results: the text of a PDF in UTF-8, a recording as Ogg, or a photo in HEIC as JPEG.
Work = Literal["pdf", "ogg", "jpeg"]


class UnreadableFile(Exception):
    """A file cannot be read. The message has the reason, and nothing of the content."""


class SandboxPool:
    """Reads files in a limited number of processes; other files wait."""

    def __init__(self) -> None:
        self._processes = asyncio.Semaphore(MAX_PROCESSES)

    async def read(self, work: Work, content: bytes) -> bytes:
        """Return the result of `work` for a file; raise UnreadableFile, also after 20 seconds."""
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS) as limit, self._processes:
                limit.reschedule(asyncio.get_running_loop().time() + MAX_READ_SECONDS)
                return await _read(work, content)
        except TimeoutError as error:
            raise UnreadableFile("it took too long") from error


async def _read(work: Work, content: bytes) -> bytes:
    command = [sys.executable, "-m", child.__name__, work, str(MAX_READ_SECONDS)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment()
    )
    try:
        made, _ = await process.communicate(content)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()  # reads the rest of the output, which `wait` may wait for
    if process.returncode == child.UNREADABLE_EXIT_CODE:
        raise UnreadableFile(made.decode("utf-8", "replace"))
    if process.returncode:
        raise UnreadableFile(f"the process that read it ended with exit code {process.returncode}")
    return made


def _environment() -> dict[str, str]:
    """Return an environment in which the child finds the modules of this process."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
