"""Reads files of strangers in processes of their own.

A file can be made to keep its reader busy for minutes. A thread cannot be stopped then: it would
keep others' work waiting, and the bot from ending. A process can be killed.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Literal

from utils.media_sandbox import child

#: To read one file; and before, until it is its turn.
MAX_READ_SECONDS, MAX_WAIT_SECONDS = 20.0, 60.0
MAX_PROCESSES = 2
#: What a Python needs to start. No secret of ours is the business of who reads strangers' files.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")

#: A text of UTF-8, or a recording.
Work = Literal["pdf", "ogg"]


class UnreadableFile(Exception):
    """Nothing was made of a file; says why, and nothing of what is in it."""


class SandboxPool:
    """So many processes at the same time; other files wait for their turn."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_PROCESSES)

    async def read(self, work: Work, content: bytes) -> bytes:
        """What `work` makes of a file; raises NotRead."""
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS) as limit, self._places:
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
            await process.communicate()  # to the end of its output: `wait` may wait for that, too
    if process.returncode == child.UNREADABLE_EXIT_CODE:
        raise UnreadableFile(made.decode("utf-8", "replace"))
    if process.returncode:
        raise UnreadableFile(f"its reader ended with {process.returncode}")
    return made


def _environment() -> dict[str, str]:
    """It finds the modules that this process finds."""
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
