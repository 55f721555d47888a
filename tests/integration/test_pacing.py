"""Meta's speed limits, shared by all processes."""

import asyncio
from datetime import timedelta

from tests.fakes.clock import ManualClock

from services.pacing import PAIR_BURST, PAIR_INTERVAL, NumberPace, PairLimit
from storage.group_commit import GroupCommit


async def waits(pace: NumberPace, count: int, waited: list[float]) -> None:
    for _ in range(count):
        await pace.next_place()


async def test_processes_share_the_speed_of_a_number(database: GroupCommit) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    paces = [NumberPace(database, "1", 100, sleep=note) for _ in range(3)]
    await asyncio.gather(*(waits(pace, 95, waited) for pace in paces))
    # 285 messages at 95 a second: the last leaves after three seconds.
    assert 2.5 < max(waited) < 3.1


async def test_holding_back_stops_every_process(database: GroupCommit) -> None:
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    await NumberPace(database, "1", 100).next_place()
    await NumberPace(database, "1", 100).hold_back(timedelta(seconds=30))
    await NumberPace(database, "1", 100, sleep=note).next_place()
    assert 29 < waited[0] < 31


def test_one_person_gets_a_burst_and_then_one_message_in_six_seconds() -> None:
    clock, limit = ManualClock(), PairLimit()
    for _ in range(PAIR_BURST):
        assert limit.wait(clock()) <= timedelta(0)
        limit = PairLimit.load(limit.after_sending(clock()))
    assert limit.wait(clock()) == PAIR_INTERVAL
    clock.advance(PAIR_INTERVAL)
    assert limit.wait(clock()) <= timedelta(0)


def test_a_burst_is_free_again_once_it_is_paid_off() -> None:
    clock, limit = ManualClock(), PairLimit()
    for _ in range(PAIR_BURST):
        limit = PairLimit.load(limit.after_sending(clock()))
    clock.advance(PAIR_INTERVAL * PAIR_BURST)
    assert limit.wait(clock()) == -PAIR_INTERVAL * (PAIR_BURST - 1)
