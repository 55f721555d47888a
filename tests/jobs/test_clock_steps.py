"""The database's clock is an hour ahead for a moment, and is set back: nobody waits for an hour."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.fakes.clock import ManualClock
from tests.sending.test_pacing import Time

from jobs.attempt import JobHandler
from jobs.commit import CommitJobs, JobCompletion
from jobs.job_queue import JobQueue
from jobs.lease import Claim, Heartbeat, LaneLease, ReleaseLanes
from jobs.model import Job, JobState, LaneState, NewJob, NewTimer, Outcome, Snooze
from jobs.reservations import CutReservations
from jobs.retry import RetryPolicy
from jobs.tables import lane
from jobs.worker import Worker
from services.sending.rate_limits import MAX_PAIR_BURST, PAIR_INTERVAL, NumberRateLimiter, PairLimit
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from utils.elapsed import has_passed

AHEAD = timedelta(hours=1)
LEASE = timedelta(seconds=30)
CLAIM = Claim(("in",), limit=10, lease=LEASE.total_seconds())
STEADY = RetryPolicy(
    tries=3, first=timedelta(seconds=10), longest=timedelta(hours=1), chance=lambda: 0.5
)


class Bot:
    """A process; `restart` begins the next one, which knows nothing of the clock of before."""

    def __init__(self, url: str, clock: ManualClock) -> None:
        self._url, self._clock = url, clock
        self.ran: list[str] = []
        self.failures: dict[str, Exception] = {}
        self._start()

    def _start(self) -> None:
        self.database = GroupCommit(open_engine(self._url), lambda _: self._clock.now)
        self.queue = JobQueue(self.database)
        kind = JobHandler(self._handle, STEADY)
        self.worker = Worker(
            self.database, {"note": kind, "timer": kind}, pools=("in",), lease=LEASE
        )

    async def restart(self) -> None:
        await self.database.close()
        self._start()

    async def _handle(self, job: Job, state: LaneState) -> Outcome:
        text = str(job.body)
        if error := self.failures.pop(text, None):
            raise error
        self.ran.append(text)
        alarm = {"alarm": NewTimer(timedelta(minutes=10), "rang")}
        return Outcome(timers=alarm if text.startswith("set") else {})

    async def store(self, text: str, lane: str = "in:ana") -> None:
        await self.queue.enqueue([NewJob(lane, "note", text)])

    async def run(self, seconds: float = 0) -> list[str]:
        """Let time pass; return what ran since the last time."""
        self._clock.advance(timedelta(seconds=seconds))
        await self.worker.run_until_idle()
        ran, self.ran = self.ran, []
        return ran


@pytest.fixture
async def bot(migrated_url: str, clock: ManualClock) -> AsyncIterator[Bot]:
    bot = Bot(migrated_url, clock)
    await bot.run()  # as it does at its start, by the right clock
    yield bot
    await bot.database.close()


@pytest.fixture(params=[False, True], ids=["same process", "next process"])
def is_restarted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def set_back(bot: Bot, clock: ManualClock, *, is_restarted: bool) -> None:
    clock.advance(-AHEAD)
    if is_restarted:
        await bot.restart()


async def test_a_message_that_is_stored_by_the_wrong_clock_is_handled_at_once(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    clock.advance(AHEAD)
    await bot.store("hello")
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.run() == ["hello"]


async def test_a_lease_of_the_wrong_clock_lasts_as_long_as_any(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    clock.advance(AHEAD)
    await bot.store("hello")
    assert len(await bot.database.submit(CLAIM)) == 1  # by a process that is killed now
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.run() == []
    assert await bot.run(LEASE.total_seconds() - 1) == []
    assert await bot.run(1) == ["hello"]


async def test_so_does_a_lease_that_was_renewed_by_the_wrong_clock(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    clock.advance(AHEAD)
    await bot.store("hello")
    [held] = await bot.database.submit(CLAIM)
    clock.advance(timedelta(seconds=20))
    beat = Heartbeat([LaneLease(held.name, held.token)], LEASE.total_seconds())
    await bot.database.submit(beat)
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.run() == []
    assert await bot.run(LEASE.total_seconds()) == ["hello"]


async def test_a_pause_that_began_while_the_clock_was_ahead_lasts_as_long_as_any(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    """Of lanes that were claimed before that."""
    await bot.store("failed", "in:ana")
    await bot.store("stopped", "in:cem")
    failed, stopped = sorted(await bot.database.submit(CLAIM), key=lambda one: one.name)
    clock.advance(AHEAD)
    again = JobCompletion(
        failed.name,
        failed.token,
        failed.jobs[0].id,
        state=JobState.TODO,
        tries=1,
        release=True,
        pause=20,
    )
    await bot.database.submit(CommitJobs(turn=again))
    back = ReleaseLanes([LaneLease(stopped.name, stopped.token)], pause=20)
    await bot.database.submit(back)
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.run() == []
    assert await bot.run(19) == []
    assert sorted(await bot.run(1)) == ["failed", "stopped"]


async def test_a_pause_of_the_wrong_clock_lasts_as_long_as_any(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    clock.advance(AHEAD)
    bot.failures = {"failed": RuntimeError(), "snoozed": Snooze("later", timedelta(seconds=20))}
    await bot.store("failed", "in:ana")
    await bot.store("snoozed", "in:bob")
    await bot.store("stopped", "in:cem")
    held = {one.name: LaneLease(one.name, one.token) for one in await bot.database.submit(CLAIM)}
    stopped = held.pop("in:cem")
    await bot.database.submit(ReleaseLanes(list(held.values())))
    await bot.run()
    await bot.database.submit(ReleaseLanes([stopped], pause=20))
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.run() == []
    assert await bot.run(10) == ["failed"]
    assert sorted(await bot.run(10)) == ["snoozed", "stopped"]


async def test_a_timer_of_the_wrong_clock_rings_in_its_time(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    """One that was set by the right clock rings when it was to ring; neither moves again."""
    await bot.store("set right", "in:bob")
    await bot.run()
    clock.advance(AHEAD)
    await bot.store("set wrong", "in:ana")
    assert sorted(await bot.run()) == ["rang", "set wrong"]
    await set_back(bot, clock, is_restarted=is_restarted)
    await bot.store("set late", "in:bob")
    assert await bot.run() == ["set late"]
    for _ in range(9):
        assert await bot.run(60) == []
    assert await bot.run(60) == ["rang", "rang"]


async def test_what_the_right_clock_put_off_stays_put_off(
    bot: Bot, clock: ManualClock, is_restarted: bool
) -> None:
    bot.failures = {"failed": RuntimeError()}
    await bot.store("failed", "in:ana")
    await bot.store("held", "in:bob")
    [held] = [one for one in await bot.database.submit(CLAIM) if one.name == "in:bob"]
    clock.advance(LEASE)
    beat = Heartbeat([LaneLease(held.name, held.token)], LEASE.total_seconds())
    await bot.database.submit(beat)
    await bot.run()
    clock.advance(AHEAD)
    await bot.database.submit(Transaction(lambda connection, now: None))
    await set_back(bot, clock, is_restarted=is_restarted)
    assert await bot.database.submit(CutReservations(("in",))) == 0


async def test_a_lease_is_cut_once_however_often_it_is_looked_at(
    bot: Bot, clock: ManualClock
) -> None:
    """A bot that starts again every few seconds may not put it off each time."""
    clock.advance(AHEAD)
    await bot.store("hello")
    await bot.database.submit(CLAIM)
    clock.advance(-AHEAD)
    ran: list[str] = []
    for _ in range(7):
        await bot.restart()
        ran += await bot.run(LEASE.total_seconds() / 6)
    assert ran == ["hello"]


async def test_the_holder_of_a_lane_goes_on_after_the_step(bot: Bot, clock: ManualClock) -> None:
    clock.advance(AHEAD)
    await bot.store("hello")
    [held] = await bot.database.submit(CLAIM)
    clock.advance(-AHEAD)
    await bot.run()
    await bot.database.submit(Heartbeat([LaneLease(held.name, held.token)], LEASE.total_seconds()))
    query = select(lane.c.ready_at, lane.c.owner)
    [[until, owner]] = await bot.database.submit(Transaction(lambda c, _: c.execute(query).all()))
    assert (until, owner) == (clock.now + LEASE.total_seconds(), held.token)


async def test_a_rate_limit_of_the_wrong_clock_is_as_far_ahead_as_it_was(
    database: GroupCommit, clock: ManualClock
) -> None:
    """It is cut when it is seen, and then counts on from there."""
    time = Time(clock, database)

    def pace() -> NumberRateLimiter:
        return NumberRateLimiter(database, "1", 100, clock=time, sleep=time.sleep)

    clock.advance(AHEAD)
    await pace().acquire()
    await pace().block_until(timedelta(seconds=30))
    clock.advance(-AHEAD)
    began = clock.now
    await pace().acquire()
    assert 29 < clock.now - began < 31
    await pace().acquire()
    assert clock.now - began < 32


def test_a_pair_limit_of_the_wrong_clock_holds_nobody_up() -> None:
    clock, limit = ManualClock(), PairLimit()
    clock.advance(AHEAD)
    limit = PairLimit.load(limit.after_sending(clock()))
    clock.advance(-AHEAD)
    assert limit.wait(clock()) <= timedelta(0)
    limit = PairLimit.load(limit.after_sending(clock()))
    assert limit.wait(clock()) == PAIR_INTERVAL  # as after a burst: we do not know how many went
    clock.advance(PAIR_INTERVAL * MAX_PAIR_BURST)
    assert limit.after_sending(clock()) == {"paid_off_at": clock.now + 6}


@pytest.mark.parametrize(
    ("since", "expected"), [(-60, True), (-59, False), (0, False), (4, False), (3600, True)]
)
def test_a_moment_in_the_future_counts_as_long_ago(since: float, expected: bool) -> None:
    assert has_passed(60, since=since, now=0) is expected
