"""What requests meet while something is wrong with the server."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Trouble:
    """What every request meets, until it is over."""

    #: status of the next refusals, a key of REFUSALS
    refusal: int | None = None
    #: seconds that every answer takes
    seconds: float = 0.0
    #: number of events after which a stream breaks off
    broken_after: int | None = None
    #: whether to ignore the limit of an answer, as some servers do
    knows_no_limit: bool = False


async def broken_off(events: Sequence[bytes], trouble: Trouble) -> AsyncIterator[bytes]:
    """Yield the events of a stream, as far as it goes."""
    for event in events[: trouble.broken_after]:
        yield event
    if trouble.broken_after is not None:
        raise ConnectionAbortedError("as a test wished")
