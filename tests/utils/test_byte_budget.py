"""The memory for files: what is held never exceeds it, and everyone is let in, in order."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.byte_budget import ByteBudget, NoRoom


async def test_holders_wait_in_the_order_in_which_they_came() -> None:
    budget, order = ByteBudget(10), list[str]()

    async def hold(name: str, size: int) -> None:
        async with budget.hold(size):
            order.append(name)
            await asyncio.sleep(0)

    # "small" would fit beside "first" at once, and would keep "large" out for ever
    await asyncio.gather(hold("first", 6), hold("large", 8), hold("small", 2))
    assert order == ["first", "large", "small"]
    assert budget.used == 0


async def test_one_that_is_larger_than_everything_is_let_in_alone() -> None:
    budget = ByteBudget(10)
    async with budget.hold(1000):
        assert budget.used == 10
        beside = asyncio.create_task(_hold_once(budget, 1))
        await asyncio.sleep(0)
        assert not beside.done()
    await beside


async def test_what_turns_out_smaller_makes_room() -> None:
    budget = ByteBudget(10)
    async with budget.hold(10) as hold:
        waiting = asyncio.create_task(_hold_once(budget, 7))
        await asyncio.sleep(0)
        hold.shrink(3)
        await waiting
        hold.shrink(5)  # it never grows
        assert budget.used == 3
    assert budget.used == 0


async def test_only_so_many_wait() -> None:
    budget = ByteBudget(1, max_waiting=1)
    async with budget.hold(1):
        waiting = asyncio.create_task(_hold_once(budget, 1))
        await asyncio.sleep(0)
        with pytest.raises(NoRoom):
            budget.require_place()
        with pytest.raises(NoRoom):
            await _hold_once(budget, 1)
    await waiting
    await _hold_once(budget, 1)


@pytest.mark.parametrize("is_let_in", [False, True])
async def test_one_that_is_cancelled_keeps_nothing(is_let_in: bool) -> None:
    budget = ByteBudget(1)
    async with budget.hold(1):
        waiting = asyncio.create_task(_hold_once(budget, 1))
        behind = asyncio.create_task(_hold_once(budget, 1))
        await asyncio.sleep(0)
        if not is_let_in:
            waiting.cancel()
    waiting.cancel()  # let in just now, and not yet run
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await behind
    assert budget.used == 0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=30))
def test_never_more_than_there_is(jobs: list[tuple[int, int]]) -> None:
    """Everybody is let in, whatever they need and however long they keep it."""
    budget, done = ByteBudget(20), list[int]()

    async def hold(size: int, turns: int) -> None:
        async with budget.hold(size) as held:
            for _ in range(turns):
                assert held.size <= budget.used <= budget.capacity
                await asyncio.sleep(0)
            held.shrink(size // 2)
            await asyncio.sleep(0)
        done.append(size)

    async def everybody() -> None:
        await asyncio.gather(*(hold(*job) for job in jobs))

    asyncio.run(everybody())
    assert sorted(done) == sorted(size for size, _ in jobs)
    assert budget.used == 0


async def _hold_once(budget: ByteBudget, size: int) -> None:
    async with budget.hold(size):
        pass
