"""Durable lanes, on both databases, driven by a clock that stands still."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, insert, select
from tests.fakes.clock import ManualClock

from domain.json import JsonValue
from jobs.attempt import JobHandler
from jobs.commit import CommitJobs, JobCompletion
from jobs.inspection import JobFilter, find_jobs, retry_dead_letters
from jobs.job_queue import JobQueue
from jobs.lease import Claim, Heartbeat, LaneLease, ReleaseLanes, release_all_leases
from jobs.maintenance import (
    count_jobs,
    count_unserved,
    empty_unused_lanes,
    lag,
    purge_done_jobs,
)
from jobs.model import Job, JobState, LaneState, NewJob, NewTimer, Outcome, RetryLater, Snooze
from jobs.pauses import end_pauses
from jobs.retry import RetryPolicy
from jobs.tables import job, lane
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade

POOLS = ("in", "out")
CLAIM = Claim(POOLS, limit=10, lease=30)

STEADY = RetryPolicy(
    tries=3, first=timedelta(seconds=10), longest=timedelta(hours=1), chance=lambda: 0.5
)


class Diary:
    """A handler that notes each job in its lane's state, and can be told to fail."""

    def __init__(self) -> None:
        self.attempts: list[JsonValue] = []
        self.failures: dict[JsonValue, list[Exception]] = {}
        self.outcome: Callable[[Job], Outcome] = lambda job: Outcome()

    async def __call__(self, job: Job, state: LaneState) -> Outcome:
        self.attempts.append(job.body)
        if self.failures.get(job.body):
            raise self.failures[job.body].pop(0)
        decided = self.outcome(job)
        seen = [*state.get("seen", []), job.body]
        return Outcome({"seen": seen}, decided.jobs, decided.timers, decided.writes)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def worker(database: GroupCommit, diary: Diary) -> Worker:
    kind = JobHandler(diary, STEADY)
    return Worker(database, {"note": kind, "timer": kind}, pools=POOLS)


@pytest.fixture
def lanes(database: GroupCommit) -> JobQueue:
    return JobQueue(database)


def note(body: JsonValue, *, lane: str = "in:1:ana", key: str | None = None) -> NewJob:
    return NewJob(lane, "note", body, key)


async def state_of(database: GroupCommit, name: str = "in:1:ana") -> str | None:
    query = select(lane.c.state).where(lane.c.name == name)
    return await database.submit(Transaction(lambda connection, _: connection.scalar(query)))


async def number_of(database: GroupCommit, state: JobState) -> int:
    return await database.submit(Transaction(lambda connection, _: count_jobs(connection, state)))


async def test_jobs_of_a_lane_run_in_the_order_they_were_stored(
    lanes: JobQueue, worker: Worker, database: GroupCommit
) -> None:
    await lanes.enqueue([note(number) for number in range(25)])
    await worker.run_until_idle()
    expected = ",".join(str(number) for number in range(25))
    assert await state_of(database) == f'{{"seen":[{expected}]}}'


async def test_a_key_seen_before_is_skipped(lanes: JobQueue, worker: Worker, diary: Diary) -> None:
    await lanes.enqueue([note("once", key="k"), note("again", key="k")])
    await worker.run_until_idle()
    await lanes.enqueue([note("redelivered", key="k")])
    await worker.run_until_idle()
    assert diary.attempts == ["once"]


async def test_a_failed_job_holds_its_lane_but_not_the_others(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    diary.failures["a1"] = [RuntimeError("down")]
    await lanes.enqueue([note("a1"), note("a2"), note("b1", lane="in:1:bob")])
    await worker.run_until_idle()
    assert sorted(diary.attempts) == ["a1", "b1"]
    clock.advance(timedelta(seconds=10))
    await worker.run_until_idle()
    assert diary.attempts[2:] == ["a1", "a2"]


async def test_backoff_survives_a_new_message(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    diary.failures["first"] = [RuntimeError("down")]
    await lanes.enqueue([note("first")])
    await worker.run_until_idle()
    clock.advance(timedelta(seconds=9))
    await lanes.enqueue([note("second")])
    await worker.run_until_idle()
    assert diary.attempts == ["first"]
    clock.advance(timedelta(seconds=1))
    await worker.run_until_idle()
    assert diary.attempts == ["first", "first", "second"]


async def test_a_job_that_keeps_failing_becomes_a_dead_letter_and_the_lane_goes_on(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock, database: GroupCommit
) -> None:
    diary.failures["poison"] = [RuntimeError(f"try {number}") for number in range(3)]
    await lanes.enqueue([note("poison"), note("after")])
    for _ in range(3):
        await worker.run_until_idle()
        clock.advance(timedelta(hours=1))
    assert diary.attempts == ["poison"] * 3 + ["after"]
    dead = JobFilter([JobState.DEAD])
    letters = await database.submit(Transaction(lambda c, _: find_jobs(c, dead, limit=10)))
    assert [(letter.tries, letter.error) for letter in letters] == [(3, "RuntimeError: try 2")]


async def test_a_dead_letter_has_last_words(
    lanes: JobQueue, diary: Diary, database: GroupCommit
) -> None:
    async def broken(job: Job, state: LaneState) -> Outcome:
        raise RuntimeError

    async def apologise(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=(note("sorry", lane="out:1:ana"),))

    once = RetryPolicy(tries=1, first=timedelta(0), longest=timedelta(0))
    kinds = {
        "broken": JobHandler(broken, once, on_discard=apologise),
        "note": JobHandler(diary, STEADY),
    }
    await lanes.enqueue([NewJob("in:1:ana", "broken", None)])
    await Worker(database, kinds, pools=POOLS).run_until_idle()
    assert diary.attempts == ["sorry"]
    assert await number_of(database, JobState.DEAD) == 1


async def test_a_retried_dead_letter_runs_again(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock, database: GroupCommit
) -> None:
    diary.failures["poison"] = [RuntimeError("down") for _ in range(3)]
    await lanes.enqueue([note("poison")])
    for _ in range(3):
        await worker.run_until_idle()
        clock.advance(timedelta(hours=1))
    assert await number_of(database, JobState.DEAD) == 1
    revived = await database.submit(Transaction(retry_dead_letters))
    await worker.run_until_idle()
    assert (revived, diary.attempts) == (1, ["poison"] * 4)
    assert await number_of(database, JobState.DEAD) == 0


async def test_a_job_of_an_unknown_kind_is_a_dead_letter_at_once(
    lanes: JobQueue, worker: Worker, diary: Diary, database: GroupCommit
) -> None:
    await lanes.enqueue([NewJob("in:1:ana", "removed", None), note("after")])
    await worker.run_until_idle()
    assert diary.attempts == ["after"]
    assert await number_of(database, JobState.DEAD) == 1


async def test_postponing_is_not_a_failure(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    wait = timedelta(seconds=6)
    diary.failures["slow"] = [Snooze("not yet", wait) for _ in range(STEADY.tries + 2)]
    await lanes.enqueue([note("slow")])
    for _ in range(STEADY.tries + 3):
        await worker.run_until_idle()
        clock.advance(wait)
    assert len(diary.attempts) == STEADY.tries + 3


async def test_a_handler_may_ask_for_a_longer_pause(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    diary.failures["busy"] = [RetryLater("too fast", timedelta(minutes=5))]
    await lanes.enqueue([note("busy")])
    await worker.run_until_idle()
    clock.advance(timedelta(minutes=4, seconds=59))
    await worker.run_until_idle()
    assert len(diary.attempts) == 1
    clock.advance(timedelta(seconds=1))
    await worker.run_until_idle()
    assert len(diary.attempts) == 2


async def test_what_a_failed_attempt_decided_is_not_stored(
    lanes: JobQueue, worker: Worker, diary: Diary, database: GroupCommit
) -> None:
    diary.failures["bad"] = [RuntimeError("after deciding")]
    diary.outcome = lambda job: Outcome(jobs=(note("reply", lane="out:1:ana"),))
    await lanes.enqueue([note("bad")])
    await worker.run_until_idle()
    assert await state_of(database) is None
    assert diary.attempts == ["bad"]


async def test_a_timer_fires_once_it_is_due(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    alarm = NewTimer(timedelta(seconds=60), "rang")
    diary.outcome = lambda job: Outcome(timers={"remind": alarm} if job.body == "set" else {})
    await lanes.enqueue([note("set")])
    await worker.run_until_idle()
    clock.advance(timedelta(seconds=59))
    await worker.run_until_idle()
    assert diary.attempts == ["set"]
    clock.advance(timedelta(seconds=1))
    await worker.run_until_idle()
    await worker.run_until_idle()
    assert diary.attempts == ["set", "rang"]


async def test_a_timer_that_fails_is_retried(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    diary.failures["rang"] = [RuntimeError("down")]
    alarm = NewTimer(timedelta(seconds=60), "rang")
    diary.outcome = lambda job: Outcome(timers={"remind": alarm} if job.body == "set" else {})
    await lanes.enqueue([note("set")])
    await worker.run_until_idle()
    clock.advance(timedelta(seconds=60))
    await worker.run_until_idle()
    clock.advance(timedelta(seconds=10))
    await worker.run_until_idle()
    assert diary.attempts == ["set", "rang", "rang"]


async def test_a_cancelled_timer_stays_silent(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock
) -> None:
    alarm = NewTimer(timedelta(seconds=60), "rang")
    diary.outcome = lambda job: Outcome(timers={"remind": alarm if job.body == "set" else None})
    await lanes.enqueue([note("set"), note("cancel")])
    await worker.run_until_idle()
    clock.advance(timedelta(hours=1))
    await worker.run_until_idle()
    assert diary.attempts == ["set", "cancel"]


async def test_a_message_that_arrives_while_the_lane_is_held_is_not_forgotten(
    lanes: JobQueue, database: GroupCommit, diary: Diary
) -> None:
    async def slow(job: Job, state: LaneState) -> Outcome:
        if job.body == "first":
            await lanes.enqueue([note("second")])
        return await diary(job, state)

    await lanes.enqueue([note("first")])
    await Worker(database, {"note": JobHandler(slow, STEADY)}, pools=POOLS).run_until_idle()
    assert diary.attempts == ["first", "second"]


async def test_a_worker_that_lost_its_lane_may_not_write(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock, database: GroupCommit
) -> None:
    await lanes.enqueue([note("job")])
    [stalled] = await database.submit(CLAIM)
    clock.advance(timedelta(seconds=31))
    await worker.run_until_idle()  # another worker takes over and finishes
    late = JobCompletion(
        stalled.name, stalled.token, stalled.jobs[0].id, Outcome({"seen": ["stalled"]})
    )
    assert not await database.submit(CommitJobs(turn=late))
    assert await state_of(database) == '{"seen":["job"]}'


async def test_a_worker_that_reclaims_its_own_lane_fences_off_its_stalled_self(
    lanes: JobQueue, clock: ManualClock, database: GroupCommit
) -> None:
    await lanes.enqueue([note("job")])
    [stalled] = await database.submit(CLAIM)
    clock.advance(timedelta(seconds=31))
    [again] = await database.submit(CLAIM)
    old, new = (
        JobCompletion(one.name, one.token, one.jobs[0].id, Outcome({"by": name}), release=True)
        for one, name in ((stalled, "old"), (again, "new"))
    )
    assert not await database.submit(CommitJobs(turn=old))
    assert await database.submit(CommitJobs(turn=new))


async def test_a_heartbeat_keeps_a_lease_but_never_revives_one(
    lanes: JobQueue, clock: ManualClock, database: GroupCommit
) -> None:
    await lanes.enqueue([note("job")])
    [held] = await database.submit(CLAIM)
    clock.advance(timedelta(seconds=20))
    await database.submit(Heartbeat([LaneLease(held.name, held.token)], lease=30))
    clock.advance(timedelta(seconds=20))
    assert await database.submit(CLAIM) == []
    clock.advance(timedelta(seconds=11))
    await database.submit(Heartbeat([LaneLease(held.name, held.token)], lease=30))
    assert len(await database.submit(CLAIM)) == 1


async def test_lanes_given_back_are_free_at_once(lanes: JobQueue, database: GroupCommit) -> None:
    await lanes.enqueue([note("job")])
    [held] = await database.submit(CLAIM)
    await database.submit(ReleaseLanes([LaneLease(held.name, held.token)]))
    assert len(await database.submit(CLAIM)) == 1


async def test_lanes_given_back_in_doubt_rest_for_a_while_whatever_arrives(
    lanes: JobQueue, clock: ManualClock, database: GroupCommit
) -> None:
    """A message that was being sent may have gone: its status is to come first."""
    await lanes.enqueue([note("job")])
    [held] = await database.submit(CLAIM)
    await database.submit(ReleaseLanes([LaneLease(held.name, held.token)], pause=20))
    await lanes.enqueue([note("another")])
    clock.advance(timedelta(seconds=19))
    assert await database.submit(CLAIM) == []
    clock.advance(timedelta(seconds=1))
    assert len(await database.submit(CLAIM)) == 1


async def test_the_only_process_takes_over_what_its_dead_self_held(
    lanes: JobQueue, database: GroupCommit
) -> None:
    await lanes.enqueue([note("job")])
    await database.submit(CLAIM)
    await database.submit(Transaction(release_all_leases))
    assert len(await database.submit(CLAIM)) == 1


async def test_what_its_dead_self_may_have_sent_waits_for_a_report(
    lanes: JobQueue, database: GroupCommit, clock: ManualClock
) -> None:
    await lanes.enqueue([note("job")])
    await database.submit(CLAIM)
    release = partial(release_all_leases, graces={"in": 20.0})
    await database.submit(Transaction(release))
    await lanes.enqueue([note("another")])
    clock.advance(timedelta(seconds=19))
    await database.submit(Transaction(release))  # and is not put off by the next start
    assert await database.submit(CLAIM) == []
    clock.advance(timedelta(seconds=1))
    [claimed] = await database.submit(CLAIM)
    assert claimed.starts == 1, "the start that did not end still counts"


async def test_a_report_ends_the_wait_and_leaves_other_lanes_alone(
    lanes: JobQueue, database: GroupCommit, clock: ManualClock
) -> None:
    await lanes.enqueue(
        [NewJob("in:a", "note", "a", key="a"), NewJob("in:b", "note", "b", key="b")]
    )
    await database.submit(CLAIM)
    release = partial(release_all_leases, graces={"in": 20.0})
    await database.submit(Transaction(release))
    clock.advance(timedelta(seconds=1))
    reported = CommitJobs(writes=[end_pauses(["a", "unknown"], at=clock())])
    await database.submit(reported)
    [claimed] = await database.submit(CLAIM)
    assert claimed.name == "in:a"
    await database.submit(reported)  # held by now, so that nothing changes
    assert await database.submit(CLAIM) == []
    clock.advance(timedelta(seconds=19))
    [other] = await database.submit(CLAIM)
    assert other.name == "in:b"


async def test_stopping_gives_back_what_did_not_finish_in_time(
    lanes: JobQueue, database: GroupCommit
) -> None:
    started, never = asyncio.Event(), asyncio.Event()

    async def endless(job: Job, state: LaneState) -> Outcome:
        started.set()
        await never.wait()
        return Outcome()

    worker = Worker(database, {"note": JobHandler(endless, STEADY)}, pools=POOLS)
    await lanes.enqueue([note("job")])
    running = asyncio.create_task(worker.run())
    await started.wait()
    await worker.stop(grace=timedelta(0))
    await running
    assert len(await database.submit(CLAIM)) == 1


async def test_what_may_still_end_keeps_its_lease(
    lanes: JobQueue, clock: ManualClock, database: GroupCommit
) -> None:
    started, may_end = asyncio.Event(), asyncio.Event()

    async def slow(job: Job, state: LaneState) -> Outcome:
        started.set()
        await may_end.wait()
        return Outcome({"ended": True})

    lease = timedelta(seconds=0.03)
    worker = Worker(database, {"note": JobHandler(slow, STEADY)}, pools=POOLS, lease=lease)
    await lanes.enqueue([note("job")])
    running = asyncio.create_task(worker.run())
    await started.wait()
    stopping = asyncio.create_task(worker.stop(grace=timedelta(seconds=30)))
    for _ in range(3):
        clock.advance(lease / 2)
        await renewed(database, clock.now + lease.total_seconds())
    assert await database.submit(CLAIM) == []
    may_end.set()
    await asyncio.gather(stopping, running)
    assert await state_of(database) == '{"ended":true}'


async def renewed(database: GroupCommit, until: float, name: str = "in:1:ana") -> None:
    """Once the lease of a lane lasts so long."""
    query = select(lane.c.ready_at).where(lane.c.name == name)
    look = Transaction(lambda connection, _: connection.scalar(query))
    async with asyncio.timeout(5):
        while await database.submit(look) != until:  # noqa: ASYNC110 - a beat tells nobody
            await asyncio.sleep(0)


async def test_workers_serve_only_their_pools(
    lanes: JobQueue, diary: Diary, database: GroupCommit
) -> None:
    await lanes.enqueue([note("message", lane="in:1:ana"), note("reply", lane="out:1:ana")])
    await Worker(database, {"note": JobHandler(diary, STEADY)}, pools=("out",)).run_until_idle()
    assert diary.attempts == ["reply"]


async def test_lag_is_the_wait_of_work_that_is_due(
    lanes: JobQueue, worker: Worker, clock: ManualClock, database: GroupCommit
) -> None:
    await lanes.enqueue([note("job")])
    clock.advance(timedelta(seconds=7))
    waited = Transaction(partial(lag, pools=POOLS))
    assert await database.submit(waited) == timedelta(seconds=7)
    await worker.run_until_idle()
    assert await database.submit(waited) == timedelta(0)


async def test_work_that_nobody_is_to_do_is_counted_and_is_no_lag(
    lanes: JobQueue, clock: ManualClock, database: GroupCommit
) -> None:
    await lanes.enqueue([note("question", lane="ai:1:ana"), note("question", lane="ai:1:bob")])
    clock.advance(timedelta(hours=1))
    assert await database.submit(Transaction(partial(lag, pools=POOLS))) == timedelta(0)
    assert await database.submit(Transaction(partial(count_unserved, pools=POOLS))) == 2
    assert await database.submit(Transaction(partial(count_unserved, pools=(*POOLS, "ai")))) == 0


async def test_retention_deletes_only_what_is_done_and_old(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock, database: GroupCommit
) -> None:
    week = timedelta(days=8)
    diary.failures["dead"] = [RuntimeError("down") for _ in range(3)]
    await lanes.enqueue([note("done"), note("dead")])
    for _ in range(3):
        await worker.run_until_idle()
        clock.advance(timedelta(hours=1))
    clock.advance(week)
    await lanes.enqueue([note("recent")])
    await worker.run_until_idle()
    purge = Transaction(partial(purge_done_jobs, keep=week, after=0))
    left = Transaction(lambda c, _: c.scalar(select(func.count()).select_from(job)))
    assert await database.submit(left) == 3
    for _ in range(2):
        assert await database.submit(purge) is None
        assert await database.submit(left) == 2


async def test_retention_empties_conversations_that_nobody_used(
    lanes: JobQueue, worker: Worker, diary: Diary, clock: ManualClock, database: GroupCommit
) -> None:
    """Not one that is used, is held, or waits for a timer; and no other pool's."""
    week = timedelta(days=8)
    alarm = {"later": NewTimer(timedelta(days=30), "rang")}
    diary.outcome = lambda job: Outcome(timers=alarm if job.body == "waits" else {})
    for name in ("in:1:old", "in:1:used", "in:1:held", "in:1:waits", "out:1:other"):
        await lanes.enqueue([note(name.split(":")[-1], lane=name)])
    await worker.run_until_idle()
    clock.advance(week - timedelta(hours=1))
    await lanes.enqueue([note("used", lane="in:1:used")])
    await worker.run_until_idle()
    clock.advance(timedelta(hours=2))
    await lanes.enqueue([note("held", lane="in:1:held")])
    [held] = await database.submit(CLAIM)
    assert await empty_all(database, keep=week) == ["in:1:old"]
    done = JobCompletion(held.name, held.token, held.jobs[0].id, Outcome({"kept": 1}), release=True)
    assert await database.submit(CommitJobs(turn=done))
    assert await state_of(database, "in:1:held") == '{"kept":1}'


async def empty_all(database: GroupCommit, *, keep: timedelta) -> list[str]:
    """A lane at a time; returns those that know nothing any more."""
    after: str | None = ""
    while after is not None:
        batch = partial(empty_unused_lanes, kept_pools=("out",), keep=keep, after=after)
        after = await database.submit(Transaction(batch))
    empty = select(lane.c.name).where(lane.c.state.is_(None))
    return await database.submit(Transaction(lambda c, _: list(c.scalars(empty))))


@pytest.mark.parametrize("is_first", [True, False], ids=["claimed first", "emptied first"])
async def test_whoever_claims_a_lane_that_is_being_emptied_is_not_disturbed(
    postgres_url: str, clock: ManualClock, *, is_first: bool
) -> None:
    """Two transactions of PostgreSQL at the same time, in either order."""
    engine = open_engine(postgres_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(lane).values(name="in:1:ana", pool="in", state='{"said":1}'))
    waking = CommitJobs([note("hello")])
    with engine.connect() as one, engine.connect() as two:
        if is_first:
            CommitJobs.run([waking], one, clock.now)
            CLAIM.run([CLAIM], one, clock.now)
        empty_unused_lanes(two, clock.now, kept_pools=("out",), keep=timedelta(0), after="")
        one.commit()
        two.commit()
        claimed = lane.c.owner.is_not(None)
        [(state, is_held)] = one.execute(select(lane.c.state, claimed)).all()
    engine.dispose()
    assert (state, is_held) == (('{"said":1}', True) if is_first else (None, False))


async def test_odd_characters_survive_storage(
    lanes: JobQueue, worker: Worker, diary: Diary
) -> None:
    odd = "nul \0, lone surrogate \ud800, emoji 🎉"
    await lanes.enqueue([note(odd)])
    await worker.run_until_idle()
    assert diary.attempts == [odd]


async def test_one_bad_operation_does_not_fail_its_neighbours(
    lanes: JobQueue, worker: Worker, diary: Diary, database: GroupCommit
) -> None:
    def broken(connection: object, now: float) -> None:
        raise RuntimeError("a bug")

    put, failed = await asyncio.gather(
        lanes.enqueue([note("fine")]),
        database.submit(Transaction(broken)),
        return_exceptions=True,
    )
    assert put is None
    assert isinstance(failed, RuntimeError)
    await worker.run_until_idle()
    assert diary.attempts == ["fine"]


async def test_what_a_job_leads_to_does_not_wait_for_the_next_poll(
    database: GroupCommit, lanes: JobQueue
) -> None:
    done = asyncio.Event()

    async def decide(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=[NewJob("out:ana", "send", job.body)])

    async def send(job: Job, state: LaneState) -> Outcome:
        done.set()
        return Outcome()

    never = timedelta(hours=1)
    sender = Worker(database, {"send": JobHandler(send, STEADY)}, pools=("out",), poll=never)
    decider = Worker(database, {"note": JobHandler(decide, STEADY)}, pools=("in",), poll=never)
    decider.downstream = {"out": sender}
    running = [asyncio.create_task(worker.run()) for worker in (decider, sender)]
    await lanes.enqueue([NewJob("in:ana", "note", "hello")])
    decider.wake()
    async with asyncio.timeout(30):
        await done.wait()
    for worker in (decider, sender):
        await worker.stop(timedelta(seconds=1))
    await asyncio.gather(*running)
