"""Meta's speed limits, shared by all processes."""

import asyncio
from bisect import bisect_right
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.clock import ManualClock

from jobs.model import Priority
from services.sending.rate_limits import (
    MAX_PAIR_BURST,
    PAIR_INTERVAL,
    NumberRateLimiter,
    PairLimit,
)
from services.sending.send_window import CATCH_UP, JITTER_SECONDS, MAX_BUNCH_SECONDS, SendWindow
from storage.engine.group_commit import GroupCommit
from storage.tables.rate_shares import VALID_SECONDS, Claim, TakeShare, fair_share

WINDOW = 1.0 + JITTER_SECONDS


def most_in_a_second(starts: list[float]) -> int:
    starts = sorted(starts)
    return max(bisect_right(starts, at + 1.0) - place for place, at in enumerate(starts))


class Time:
    """A clock of an event loop whose sleeps are over at once; the database's goes along.

    It stands still while the database is at work: how slow that is says nothing about the limit.
    """

    def __init__(self, clock: ManualClock, database: GroupCommit) -> None:
        self._clock = clock
        self._database = database
        self._began = clock.now

    def __call__(self) -> float:
        return self._clock.now - self._began

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        while self._database.behind > 0:  # noqa: ASYNC110
            await asyncio.sleep(0.0001)
        self._clock.advance(timedelta(seconds=max(seconds, 1e-6)))
        await asyncio.sleep(0)


async def starts_of(pace: NumberRateLimiter, count: int, time: Time) -> list[float]:
    starts: list[float] = []

    async def send() -> None:
        await pace.acquire()
        starts.append(time())

    await asyncio.gather(*(send() for _ in range(count)))
    return starts


@pytest.mark.parametrize("limit", [20, 80, 1000])
async def test_one_process_reaches_the_limit(
    database: GroupCommit, clock: ManualClock, limit: int
) -> None:
    time = Time(clock, database)
    pace = NumberRateLimiter(database, "1", limit, clock=time, sleep=time.sleep)
    starts = await starts_of(pace, 4 * limit, time)
    assert len(starts) / (starts[-1] + 1 / limit) > (0.97 if limit >= 80 else 0.93) * limit
    assert most_in_a_second(starts) <= limit


async def test_processes_share_the_speed_of_a_number(
    database: GroupCommit, clock: ManualClock
) -> None:
    time = Time(clock, database)
    paces = [NumberRateLimiter(database, "1", 90, clock=time, sleep=time.sleep) for _ in range(3)]
    found = await asyncio.gather(*(starts_of(pace, 90, time) for pace in paces))
    assert most_in_a_second([at for starts in found for at in starts]) <= 90
    # the first one took nearly everything, and hands it over within a second
    assert max(at for starts in found for at in starts) < 5


async def test_replies_to_people_go_before_bulk(database: GroupCommit, clock: ManualClock) -> None:
    time, order = Time(clock, database), list[str]()
    pace = NumberRateLimiter(database, "1", 10, clock=time, sleep=time.sleep)

    async def send(name: str, *, priority: Priority) -> None:
        await pace.acquire(priority)
        order.append(name)

    bulk = [asyncio.create_task(send("bulk", priority=Priority.LOW)) for _ in range(30)]
    while len(order) < 12:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.gather(send("reply", priority=Priority.HIGH), *bulk)
    assert "reply" in order[12:15]


async def test_those_who_wait_go_in_order(database: GroupCommit, clock: ManualClock) -> None:
    time, order = Time(clock, database), list[int]()
    pace = NumberRateLimiter(database, "1", 50, clock=time, sleep=time.sleep)

    async def send(number: int) -> None:
        await pace.acquire()
        order.append(number)

    gone = asyncio.create_task(send(-1))
    everybody = [asyncio.create_task(send(number)) for number in range(100)]
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(*everybody)
    assert order == list(range(100))


async def test_holding_back_stops_every_process(database: GroupCommit, clock: ManualClock) -> None:
    time = Time(clock, database)
    first, other = (
        NumberRateLimiter(database, "1", 100, clock=time, sleep=time.sleep) for _ in range(2)
    )
    await first.acquire()
    await first.block_until(timedelta(seconds=30))
    began = time()
    await first.acquire()
    assert 29.9 < time() - began < 31
    await other.block_until(timedelta(seconds=30))
    began = time()
    await other.acquire()
    assert 29.9 < time() - began < 31


async def test_a_database_that_is_away_is_told_to_those_who_wait(database: GroupCommit) -> None:
    class Away(GroupCommit):
        async def submit(self, operation: object) -> None:  # type: ignore[override]
            raise OSError("away")

    pace = NumberRateLimiter(Away(database._engine), "1", 10)
    for _ in range(2):  # and asked again
        waits = [pace.acquire() for _ in range(3)]
        ends = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(end) for end in ends] == [OSError] * 3


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[tuple[int, float, str, int]]]:
    """A limit, and what happens: a process, the time before, what it does, and how much."""
    steps = st.tuples(
        st.integers(0, 2),
        st.sampled_from([0.0, 0.0, 0.001, 0.01, 0.05, 0.3, 0.7, 1.1]),
        st.sampled_from(["ask", "store", "answer", "renew", "send", "send", "admit", "begin"]),
        st.integers(1, 60),
    )
    return draw(st.integers(1, 12)), draw(st.lists(steps, max_size=80))


@settings(max_examples=300)
@given(histories())
def test_whatever_stalls_no_window_has_more_than_the_limit(
    history: tuple[int, list[tuple[int, float, str, int]]],
) -> None:
    """Processes ask, the database stores and answers late, sends begin: each at any time."""
    limit, steps = history
    now, claims, starts = 1000.0, list[Claim](), list[float]()
    windows, admitted = [SendWindow(WINDOW) for _ in range(4)], [0] * 4
    #: when a process asked, for how much, its bound then, and what it will get once it is stored
    asked: list[tuple[float, int, int, int | None] | None] = [None] * 4
    parts = {"renew": ["ask", "store", "answer"], "send": ["admit", "begin"]}
    for process, pause, step, amount in (
        (who, 0.0 if place else before, part, size)
        for who, before, name, size in steps
        for place, part in enumerate(parts.get(name, [name]))
    ):
        now += pause
        question, window = asked[process], windows[process]
        if step == "ask" and question is None:
            asked[process] = now, amount, window.bound(now), None
        elif step == "store" and question is not None and question[3] is None:
            asked_at, wanted, bound, _ = question
            take = TakeShare("send:1", f"p{process}", wanted, bound, limit, WINDOW)
            count, claims = take.decide(claims, now)
            # A renewal that comes late still notes what its process may have sent before (bound).
            others = sum(claim.sends for claim in claims if claim.owner != take.owner)
            assert count <= max(0, limit - others)
            asked[process] = asked_at, wanted, bound, count
        elif step == "answer" and question is not None and question[3] is not None:
            window.share_until(question[0], question[3], question[0] + VALID_SECONDS)
            asked[process] = None
        elif step == "admit":
            for _ in range(amount):
                if window.wait(now) == 0.0:
                    window.admit(now)
                    admitted[process] += 1
        elif step == "begin":
            for _ in range(min(amount, admitted[process])):
                admitted[process] -= 1
                if window.begin(now):
                    starts.append(now)
    assert not starts or most_in_a_second(starts) <= limit


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers(0, 50), min_size=1), st.integers(1, 99)
)
def test_shares_are_fair(wanted: dict[str, int], limit: int) -> None:
    shares = {owner: fair_share(wanted, limit, owner) for owner in wanted}
    assert sum(shares.values()) == min(limit, sum(wanted.values()))
    most = max(shares.values())
    assert all(shares[one] >= min(wanted[one], most - 1) for one in wanted)


def test_a_share_is_handed_over_only_as_its_sends_grow_old() -> None:
    """A process that used all of the limit may keep half: the other half is not free yet."""
    first = TakeShare("send:1", "first", 10, 0, 10, WINDOW)
    count, claims = first.decide([], 0.0)
    assert count == 10  # and uses all
    other = TakeShare("send:1", "other", 10, 0, 10, WINDOW)
    count, claims = other.decide(claims, 0.1)
    assert count == 0
    count, claims = TakeShare("send:1", "first", 10, 10, 10, WINDOW).decide(claims, 0.2)
    assert count == 5
    count, claims = other.decide(claims, 0.3)
    assert count == 0
    _, claims = TakeShare("send:1", "first", 10, 5, 10, WINDOW).decide(claims, WINDOW)
    assert other.decide(claims, WINDOW)[0] == 5


def test_a_stall_is_caught_up_and_no_faster() -> None:
    """After it, sends keep a distance: they would bunch on their way."""
    window, starts, now = SendWindow(WINDOW), list[float](), 0.0
    window.share_until(0.0, 100, 100.0)
    while now < 5.0:
        now += 0.2 if 1.0 < now < 1.001 else 0.001
        if window.wait(now) == 0.0:
            window.admit(now)
            window.begin(now)
            starts.append(now)
    assert most_in_a_second(starts) <= 100
    assert len(starts) >= 4.8 * 100 / WINDOW
    assert all(
        bisect_right(starts, at + 0.1) - place <= 100 * (0.1 + MAX_BUNCH_SECONDS) * CATCH_UP + 2
        for place, at in enumerate(starts)
    )


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
