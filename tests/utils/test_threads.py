"""Long computations beside the event loop."""

import asyncio
import sys
import threading

import pytest

from utils.threads import TURN_SECONDS, computed


async def test_threads_take_short_turns_until_the_last_computation_has_ended() -> None:
    usual, goes_on = sys.getswitchinterval(), threading.Event()
    assert usual > TURN_SECONDS

    def wait() -> float:
        goes_on.wait()
        return sys.getswitchinterval()

    first = asyncio.create_task(computed(wait))
    await asyncio.sleep(0)
    assert await computed(sys.getswitchinterval) == pytest.approx(TURN_SECONDS)
    goes_on.set()
    assert await first == pytest.approx(TURN_SECONDS)
    with pytest.raises(ValueError, match="wrong"):
        await computed(lambda: int("wrong"))
    assert sys.getswitchinterval() == pytest.approx(usual)
