"""Notices that a file has changed, however it is changed.

Editors write a new file and rename it, Kubernetes moves a link, and network folders send no events:
only looking finds all of that.
"""

import asyncio
import math
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

#: Pause between two looks, and the time for which a file has to stay as it is, in seconds.
POLL_SECONDS = 0.2
SETTLE_SECONDS = 0.5
#: Signals that ask for a look now.
SIGNALS = ("SIGHUP", "SIGUSR2")

#: Place, inode, size and time of a file; None for one that is not there.
Stamp = tuple[str, int, int, int] | None


def stamp_of(path: Path) -> Stamp:
    """Return what changes with a file."""
    try:
        real = path.resolve()
        found = real.stat()
    except (OSError, RuntimeError, ValueError):  # RuntimeError: a link to itself, in Python < 3.13
        return None
    return str(real), found.st_ino, found.st_size, found.st_mtime_ns


class FileWatch:
    """Waits for changes of files."""

    def __init__(
        self,
        paths: Callable[[], Iterable[Path]],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        poll: float = POLL_SECONDS,
        settle: float = SETTLE_SECONDS,
    ) -> None:
        self._paths = paths
        self._clock = clock
        self._sleep = sleep
        self._poll = poll
        self._settle = settle
        self._asked = asyncio.Event()
        #: When the files count as changed anyway.
        self._due = math.inf
        self._known = self._stamps()

    async def changed(self) -> None:
        """Wait until a file has changed and stays as it is, or somebody asks."""
        while not await self._is_asked() and self._stamps() == self._known:
            if self._clock() >= self._due:
                break
        self._asked.clear()
        self._due, settled_at = math.inf, -math.inf
        while (now := self._stamps()) != self._known or self._clock() < settled_at:
            if now != self._known:
                self._known, settled_at = now, self._clock() + self._settle
            await self._sleep(min(self._poll, self._settle))

    def look_now(self) -> None:
        """Count the files as changed."""
        self._asked.set()

    def look_after(self, seconds: float) -> None:
        """Count the files as changed after so many seconds, whatever becomes of them."""
        self._due = self._clock() + seconds

    def listen(self) -> None:
        """Look whenever the process gets a signal; only the main thread gets any."""
        loop = asyncio.get_running_loop()
        for name in SIGNALS:
            with suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):
                loop.add_signal_handler(getattr(signal, name), self.look_now)

    async def _is_asked(self) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), self._poll)
        return self._asked.is_set()

    def _stamps(self) -> Sequence[Stamp]:
        return [stamp_of(path) for path in self._paths()]
