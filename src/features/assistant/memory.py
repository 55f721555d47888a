"""Memory for the files of people: jobs that find no room wait, or come again a little later."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from jobs.model import Snooze
from utils.byte_budget import ByteBudget, ByteHold, NoRoom

#: Pause before a job comes again that found too many others waiting for room.
CROWDED_PAUSE = timedelta(seconds=3)


@asynccontextmanager
async def room_for(
    memory: ByteBudget, sizes: Sequence[Callable[[], Awaitable[int]]]
) -> AsyncIterator[ByteHold]:
    """Hold the memory of all files of a job inside the block. `sizes` ask for theirs, in bytes.

    Raise Snooze if too many wait already: a job that waits takes the place of another.
    """
    if not sizes:
        yield ByteHold(memory, 0)
        return
    try:
        memory.require_place()
        async with memory.hold(sum([await size() for size in sizes])) as hold:
            yield hold
    except NoRoom:
        raise Snooze("no memory for a file", CROWDED_PAUSE) from None
