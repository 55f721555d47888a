"""Background tasks end with their block, whatever they make of their cancellation."""

import asyncio
from datetime import timedelta

import pytest
from tests.fakes.captured_log import captured_log

from utils.background import MAX_CANCELLATIONS, running_beside


class Stubborn:
    """Works until it is cancelled, and loses some of its cancellations to errors of a clean-up."""

    def __init__(self, lost: int) -> None:
        self._lost = lost
        self.over = asyncio.Event()
        self.release = asyncio.Event()

    async def run(self) -> None:
        try:
            while not self.release.is_set():
                try:
                    await self._wait()
                except OSError:
                    self._lost -= 1
        finally:
            self.over.set()

    async def _wait(self) -> None:
        try:
            await self.release.wait()
        finally:
            if self._lost > 0 and not self.release.is_set():
                raise OSError("the connection is gone already")


async def ended(work: Stubborn) -> str:
    """Run it beside an empty block. Return what is logged."""
    with captured_log() as log:
        async with running_beside(work.run(), patience=timedelta(0)):
            await asyncio.sleep(0)
        return log.getvalue()


async def test_a_task_ends_with_the_block() -> None:
    work = Stubborn(lost=0)
    assert await ended(work) == ""
    assert work.over.is_set()


@pytest.mark.parametrize("lost", range(1, MAX_CANCELLATIONS))
async def test_a_task_that_lost_its_cancellation_is_cancelled_again(lost: int) -> None:
    work = Stubborn(lost)
    log = await ended(work)
    assert work.over.is_set()
    assert log.count("Stubborn.run goes on after its cancellation") == lost
    assert "is left to itself" not in log


async def test_the_block_ends_even_if_the_task_never_does() -> None:
    work = Stubborn(lost=1_000)
    assert "Stubborn.run does not end, and is left to itself" in await ended(work)
    assert not work.over.is_set()
    work.release.set()  # or the loop of this test would wait for it
    await work.over.wait()


async def test_a_clean_up_may_take_its_time() -> None:
    cleaned = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(50):
                await asyncio.sleep(0)
            cleaned.set()

    async with running_beside(work()):
        await asyncio.sleep(0)
    assert cleaned.is_set()


async def test_a_failure_is_logged_at_once() -> None:
    async def work() -> None:
        raise OSError("broken")

    with captured_log() as log:
        async with running_beside(work()):
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert "work has stopped: restart this process" in log.getvalue()
