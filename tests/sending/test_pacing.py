"""Meta's speed limits, shared by all processes."""

import asyncio
from datetime import timedelta

import pytest
from tests.fakes.clock import ManualClock

from jobs.model import Priority
from services.sending.rate_limits import (
    MAX_PAIR_BURST,
    PAIR_INTERVAL,
    NumberRateLimiter,
    PairLimit,
    Slots,
)
from storage.engine.group_commit import GroupCommit, Transaction


async def waits(pace: NumberRateLimiter, count: int, waited: list[float]) -> None:
    for _ in range(count):
        await pace.acquire()


async def test_processes_share_the_speed_of_a_number(database: GroupCommit) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    paces = [NumberRateLimiter(database, "1", 100, sleep=note) for _ in range(3)]
    await asyncio.gather(*(waits(pace, 95, waited) for pace in paces))
    # 285 messages at 95 a second: the last leaves after three seconds.
    assert 2.5 < max(waited) < 3.1


async def test_holding_back_stops_every_process(database: GroupCommit) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    await NumberRateLimiter(database, "1", 100).acquire()
    await NumberRateLimiter(database, "1", 100).block_until(timedelta(seconds=30))
    await NumberRateLimiter(database, "1", 100, sleep=note).acquire()
    assert 29 < waited[0] < 31


def test_one_person_gets_a_burst_and_then_one_message_in_six_seconds() -> None:
    clock, limit = ManualClock(), PairLimit()
    for _ in range(MAX_PAIR_BURST):
        assert limit.wait(clock()) <= timedelta(0)
        limit = PairLimit.load(limit.after_sending(clock()))
    assert limit.wait(clock()) == PAIR_INTERVAL
    clock.advance(PAIR_INTERVAL)
    assert limit.wait(clock()) <= timedelta(0)


def test_a_burst_is_free_again_once_it_is_paid_off() -> None:
    clock, limit = ManualClock(), PairLimit()
    for _ in range(MAX_PAIR_BURST):
        limit = PairLimit.load(limit.after_sending(clock()))
    clock.advance(PAIR_INTERVAL * MAX_PAIR_BURST)
    assert limit.wait(clock()) == -PAIR_INTERVAL * (MAX_PAIR_BURST - 1)


def test_places_that_have_passed_are_not_caught_up() -> None:
    """A process that was held up for a second must not send two seconds' worth in one."""
    places = Slots(first=100.0, per_second=10, left=range(20))
    assert places.next(earliest=99.9) == 100.0
    assert places.next(earliest=101.0) == 101.0
    assert places.next(earliest=101.0) == pytest.approx(101.1)
    assert places.next(earliest=110.0) is None


async def test_those_who_wait_for_places_get_them_in_order(database: GroupCommit) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    pace = NumberRateLimiter(database, "1", 100, sleep=note)
    await asyncio.gather(*(pace.acquire() for _ in range(50)))
    assert waited == sorted(waited)
    assert waited[-1] == pytest.approx(50 / 95, abs=0.1)


@pytest.mark.parametrize("priority", Priority)
async def test_nobody_waits_behind_hundreds_of_another_priority(
    database: GroupCommit, priority: Priority
) -> None:
    """People do not wait for a broadcast; nor does a broadcast end for as long as people write."""
    waits: asyncio.Queue[float] = asyncio.Queue()

    async def wait_for_ever(seconds: float) -> None:
        waits.put_nowait(seconds)
        await asyncio.Event().wait()

    pace = NumberRateLimiter(database, "1", 80, sleep=wait_for_ever)
    [other] = set(Priority) - {priority}
    many = [asyncio.create_task(pace.acquire(other)) for _ in range(300)]
    for _ in range(100):  # as many reservations as they need, if nothing stops them
        await database.submit(Transaction(lambda connection, now: None))
    while not waits.empty():
        waits.get_nowait()
    many.append(asyncio.create_task(pace.acquire(priority)))
    assert await waits.get() < 0.6  # not the four seconds that 300 take
    for each in many:
        each.cancel()
    await asyncio.gather(*many, return_exceptions=True)
