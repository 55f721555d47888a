"""The engine beside a model of it: whatever happens in whatever order, both hold the same.

The model is a few lists and dictionaries. Hypothesis looks for a sequence of jobs, claims,
failures, timers, lost workers and steps of the clock after which the database holds something else.
"""

import json
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from loguru import logger
from sqlalchemy import Engine, delete, select
from tests.fakes.clock import ManualClock
from tests.fakes.database_templates import make_file

from jobs.attempt import JobHandler, attempt
from jobs.commit import CommitJobs, JobCompletion
from jobs.inspection import retry_dead_letters
from jobs.isolation import MAX_STARTS, Suspects
from jobs.lease import Claim, ClaimedLane, Heartbeat, LaneLease, ReleaseLanes, release_all_leases
from jobs.maintenance import purge_done_jobs
from jobs.model import Discard, Job, JobState, LaneState, NewJob, NewTimer, Outcome, Snooze
from jobs.retry import RetryPolicy
from jobs.statements import MAX_JOBS_PER_CLAIM
from jobs.tables import job, lane, timer
from storage.engine.database import open_engine
from storage.engine.group_commit import Answer, Operation, Transaction

POOLS = ("in", "out")
PEOPLE = ("in:ana", "in:bob", "in:eva")
KEYS = ("a", "b", "c", None)
LEASE_SECONDS = 30.0
KEEP = timedelta(hours=1)
ALL_LANES = 100
#: Rounds in which everything that may wait can be done.
MAX_ROUNDS = 100
POLICY = RetryPolicy(
    tries=3, first=timedelta(seconds=10), longest=timedelta(seconds=15), chance=lambda: 0.5
)
PAUSES_AFTER_FAILURES = (10.0, 15.0)
SNOOZE_SECONDS = 5.0
#: Seconds until a timer is due, by its name. The clock steps by whole seconds: no two are due at
#: the same moment, and so their order is known.
TIMERS = {"remind": 5.25, "cancel": 40.5}
ENDS = ("done", "reply", "fail", "snooze", "discard", *TIMERS, "no timers")


@dataclass
class ModelJob:
    """A job as the model knows it. Bodies are numbers, each of one job."""

    body: int
    key: str | None
    created_at: float
    state: JobState = JobState.TODO
    tries: int = 0


@dataclass
class ModelLane:
    """A lane as the model knows it: its jobs by age, and who may run them."""

    jobs: list[ModelJob] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    #: by name: when it is due, and its body
    timers: dict[str, tuple[float, int]] = field(default_factory=dict)
    token: str | None = None
    #: Until then nobody (else) may claim it: a lease, or a pause.
    closed_until: float = 0.0
    #: Claims since a job ended: starts of the first job that did not end.
    starts: int = 0

    @property
    def waiting(self) -> list[ModelJob]:
        return [each for each in self.jobs if each.state is JobState.TODO]

    def is_due(self, now: float) -> bool:
        """Whether a worker should get this lane now."""
        has_timer = any(due <= now for due, _ in self.timers.values())
        return self.closed_until <= now and (bool(self.waiting) or has_timer)

    def release(self, until: float = 0.0) -> None:
        """Let others claim it, after a pause."""
        self.token, self.closed_until = None, until


@dataclass
class Run:
    """What a worker does with a lane that it claimed, perhaps without a right to it by now."""

    claimed: ClaimedLane
    #: State of the lane, as this worker knows it.
    state: LaneState
    place: int = 0


class Model(RuleBasedStateMachine):
    """The rules: what may happen. The invariants: what holds after each."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.connection = engine.connect()
        with self.connection.begin():
            for table in (timer, job, lane):
                self.connection.execute(delete(table))
        self.lanes: dict[str, ModelLane] = {}
        self.keys: set[str] = set()
        self.runs: list[Run] = []
        self.bodies = 0

    def commit(self, operation: Operation[Answer]) -> Answer:
        """Run an operation in a transaction of its own."""
        with self.connection.begin():
            [answer] = type(operation).run([operation], self.connection, self.clock.now)
        return answer

    def lane(self, name: str) -> ModelLane:
        return self.lanes.setdefault(name, ModelLane())

    def add_to_model(self, name: str, key: str | None, body: int) -> None:
        if key is None or key not in self.keys:
            self.lane(name).jobs.append(ModelJob(body, key, self.clock.now))
            if key is not None:
                self.keys.add(key)

    def new_body(self) -> int:
        self.bodies += 1
        return self.bodies

    @rule(items=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KEYS)), max_size=4))
    def store(self, items: list[tuple[str, str | None]]) -> None:
        """A webhook with some messages, perhaps delivered again."""
        new = [(name, key, self.new_body()) for name, key in items]
        self.commit(CommitJobs([NewJob(name, "note", body, key) for name, key, body in new]))
        for name, key, body in new:
            self.add_to_model(name, key, body)

    @rule(name=st.sampled_from(PEOPLE), count=st.integers(8, 12))
    def flood(self, name: str, count: int) -> None:
        """One person writes more than a claim takes."""
        bodies = [self.new_body() for _ in range(count)]
        self.commit(CommitJobs([NewJob(name, "note", body) for body in bodies]))
        for body in bodies:
            self.add_to_model(name, None, body)

    @rule(limit=st.sampled_from([1, 2, ALL_LANES]))
    def claim(self, limit: int) -> None:
        """A worker looks for work."""
        now = self.clock.now
        due = {name for name, each in self.lanes.items() if each.is_due(now)}
        claimed = self.commit(Claim(POOLS, limit, LEASE_SECONDS, Suspects.LAST))
        if not claimed:  # it may have taken lanes without work, and given suspects back for them
            claimed = self.commit(Claim(POOLS, limit, LEASE_SECONDS, Suspects.LAST))
        taken = [each.name for each in claimed]
        self._gave_back(due.difference(taken))
        assert len(taken) <= limit
        assert len(taken) == len(set(taken))
        assert due.issuperset(taken), "a lane was claimed that is held, backs off, or has no work"
        assert claimed or not due or limit < ALL_LANES, "lanes are due, and nobody gets them"
        for each in claimed:
            self._is_claimed(each, now)

    def _gave_back(self, names: set[str]) -> None:
        """A lane whose lease had ended may have been claimed, and given back as a suspect."""
        with self.connection.begin():
            free = select(lane.c.name).where(lane.c.owner.is_(None), lane.c.name.in_(names))
            for name in self.connection.scalars(free):
                self.lane(name).release(self.clock.now)

    def _is_claimed(self, claimed: ClaimedLane, now: float) -> None:
        model = self.lane(claimed.name)
        due = sorted((at, body, name) for name, (at, body) in model.timers.items() if at <= now)
        for _, body, name in due:
            model.jobs.append(ModelJob(body, None, now))
            del model.timers[name]
        model.starts += 1
        most = MAX_JOBS_PER_CLAIM if model.starts == 1 else 1
        expected = [(each.body, each.tries) for each in model.waiting[:most]]
        assert [(each.body, each.tries) for each in claimed.jobs] == expected
        assert claimed.state.get("seen", []) == model.seen
        model.token, model.closed_until = claimed.token, now + LEASE_SECONDS
        self.runs.append(Run(claimed, claimed.state))

    @rule(
        items=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KEYS)), min_size=1),
        steps=st.lists(st.tuples(st.integers(0, 100), st.sampled_from(ENDS)), min_size=1),
    )
    def work(self, items: list[tuple[str, str | None]], steps: list[tuple[int, str]]) -> None:
        """Messages arrive, a worker claims all that is due, and gets so far with it."""
        self.store(items)
        self.claim(ALL_LANES)
        for which, end in steps:
            if self.runs:
                self.run_a_job(which, end)

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 100), end=st.sampled_from(ENDS))
    def run_a_job(self, which: int, end: str) -> None:
        """A worker runs the next job of a claim, and tries to store how that ended."""
        run = self.runs[which % len(self.runs)]
        claimed, current = run.claimed, run.claimed.jobs[run.place]
        model = self.lane(claimed.name)
        body = self.new_body()
        turn = self._attempt(run, current, end, body)
        is_kept = self.commit(CommitJobs(turn=turn))
        assert is_kept == (model.token == claimed.token), "the fence"
        run.place += 1
        run.state = run.state if turn.outcome.state is None else turn.outcome.state
        if not is_kept or turn.release:
            self.runs.remove(run)
        if is_kept:
            self._has_ended(run, current, "abandon" if turn.starts >= MAX_STARTS else end, body)
            if turn.state is JobState.DEAD:
                [ended] = [one for one in model.jobs if one.body == current.body]
                ended.tries = turn.tries or 0
            if turn.release and turn.state is not JobState.TODO:
                model.release(self.clock.now)
            if turn.release:
                model.starts = turn.starts if turn.state is JobState.TODO else 0

    def _attempt(self, run: Run, current: Job, end: str, body: int) -> JobCompletion:
        """As the worker does it."""

        async def handle(job: Job, state: LaneState) -> Outcome:
            if end == "fail":
                raise RuntimeError
            if end == "snooze":
                raise Snooze("not yet", timedelta(seconds=SNOOZE_SECONDS))
            if end == "discard":
                raise Discard("in vain", Outcome())
            return _outcome(job, state, end, body)

        jobs = run.claimed.jobs
        is_last = run.place == len(jobs) - 1
        ended = JobCompletion(
            run.claimed.name,
            run.claimed.token,
            current.id,
            starts=run.claimed.starts if run.place == 0 else 0,
            release=is_last,
            pause=0.0 if is_last and run.claimed.has_more else None,
        )
        return _result(attempt(JobHandler(handle, POLICY), current, run.state, ended))

    def _has_ended(self, run: Run, current: Job, end: str, body: int) -> None:
        """Let the model know how a job ended."""
        name, now = run.claimed.name, self.clock.now
        model = self.lane(name)
        ended = next(each for each in model.waiting if each.body == current.body)
        if end == "snooze":
            model.release(now + SNOOZE_SECONDS)
        elif end in ("fail", "discard", "abandon"):
            ended.tries += 1
            if end != "fail" or ended.tries == POLICY.tries:
                ended.state = JobState.DEAD
            else:
                model.release(now + PAUSES_AFTER_FAILURES[ended.tries - 1])
        else:
            ended.state = JobState.DONE
            model.seen.append(ended.body)
            if end == "reply":
                self.add_to_model(_reply_lane(name), f"reply {ended.body}", body)
            elif end == "no timers":
                model.timers.clear()
            elif end in TIMERS:
                model.timers[end] = (now + TIMERS[end], body)

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 100), end=st.sampled_from(ENDS))
    def stall(self, which: int, end: str) -> None:
        """A worker stands still past its lease, and goes on when others have its lane."""
        place = which % len(self.runs)
        self.pass_time(31)
        self.claim(ALL_LANES)
        self.run_a_job(place, end)

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 100))
    def kill(self, which: int) -> None:
        """A worker is gone; its lane is held until the lease ends."""
        del self.runs[which % len(self.runs)]

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 100))
    def beat(self, which: int) -> None:
        """A worker renews its lease, if it still has it."""
        claimed = self.runs[which % len(self.runs)].claimed
        self.commit(Heartbeat([LaneLease(claimed.name, claimed.token)], LEASE_SECONDS))
        model = self.lane(claimed.name)
        if model.token == claimed.token and model.closed_until > self.clock.now:
            model.closed_until = self.clock.now + LEASE_SECONDS

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0, 100), pause=st.sampled_from([0.0, 20.0]))
    def stop(self, which: int, pause: float) -> None:
        """A worker stops, and gives back what it has not done."""
        claimed = self.runs.pop(which % len(self.runs)).claimed
        self.commit(ReleaseLanes([LaneLease(claimed.name, claimed.token)], pause))
        model = self.lane(claimed.name)
        if model.token == claimed.token:
            model.release(self.clock.now + pause)
            model.starts -= 1 if model.starts else 0

    @rule()
    def start_over(self) -> None:
        """The only process starts again; what the one before still does must not count."""
        self.commit(Transaction(release_all_leases))
        for each in self.lanes.values():
            if each.token is not None:
                each.release(self.clock.now)

    @rule(seconds=st.sampled_from([1, 6, 29, 31, 4000]))
    def pass_time(self, seconds: int) -> None:
        """The clock goes on."""
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def purge(self) -> None:
        """Old finished jobs are deleted, and their keys with them."""

        last: int | None = 0
        while last is not None:
            batch = partial(purge_done_jobs, keep=KEEP, after=last)
            last = self.commit(Transaction(batch))
        oldest = self.clock.now - KEEP.total_seconds()
        for each in self.lanes.values():
            gone = [j for j in each.jobs if j.state is JobState.DONE and j.created_at < oldest]
            each.jobs = [one for one in each.jobs if one not in gone]
            self.keys -= {one.key for one in gone if one.key is not None}

    @rule()
    def retry_the_dead(self) -> None:
        """Dead letters are put back, in their old places; pauses of their lanes end."""
        self.commit(Transaction(retry_dead_letters))
        for each in self.lanes.values():
            dead = [one for one in each.jobs if one.state is JobState.DEAD]
            for one in dead:
                one.state, one.tries = JobState.TODO, 0
            if dead:
                each.starts = 0
            if dead and each.token is None:
                each.release()

    @invariant()
    def the_database_holds_the_same(self) -> None:
        """Each job once, in order, with its state; each lane with what it has seen."""
        with self.connection.begin():
            jobs = self.connection.execute(select(job).order_by(job.c.id)).all()
            lanes = self.connection.execute(select(lane)).all()
            timers = self.connection.execute(select(timer)).all()
        assert _by_lane((row.lane, _job(row)) for row in jobs) == _by_lane(
            (name, (_stored_body(one), one.key, one.state, one.tries))
            for name, each in self.lanes.items()
            for one in each.jobs
        )
        assert {(row.lane, row.name, row.due_at, json.loads(row.body)) for row in timers} == {
            (name, of, *rest)
            for name, each in self.lanes.items()
            for of, rest in each.timers.items()
        }
        for row in lanes:
            self._is_awake(row)

    def _is_awake(self, row: Any) -> None:
        model = self.lane(row.name)
        assert json.loads(row.state or "{}").get("seen", []) == model.seen
        assert row.owner == model.token
        if model.waiting or model.timers:
            assert row.ready_at is not None, "a lane sleeps for ever"
        if model.is_due(self.clock.now):
            assert row.ready_at <= self.clock.now, "a lane sleeps with work that is due"

    def teardown(self) -> None:
        """Whatever happened, in the end everything is done."""
        try:
            rounds = 0
            while any(each.waiting or each.timers for each in self.lanes.values()):
                self.runs.clear()
                self.clock.advance(timedelta(days=1))
                self.claim(ALL_LANES)
                while self.runs:
                    self.run_a_job(0, "done")
                rounds += 1
                assert rounds < MAX_ROUNDS, "work is left undone"
            self.the_database_holds_the_same()
        finally:
            self.connection.close()


def _result(attempted: Coroutine[Any, Any, JobCompletion]) -> JobCompletion:
    """Run an attempt whose handler waits for nothing."""
    with pytest.raises(StopIteration) as ended:
        attempted.send(None)
    completion: JobCompletion = ended.value.value
    return completion


def _outcome(job: Job, state: LaneState, end: str, body: int) -> Outcome:
    """Return what a handler decides that does not fail."""
    seen = {"seen": [*state.get("seen", []), job.body]}
    if end == "reply":
        return Outcome(seen, [NewJob(_reply_lane(job.lane), "note", body, f"reply {job.body}")])
    if end == "no timers":
        return Outcome(seen, timers=dict.fromkeys(TIMERS))
    if end in TIMERS:
        return Outcome(seen, timers={end: NewTimer(timedelta(seconds=TIMERS[end]), body)})
    return Outcome(seen)


def _reply_lane(name: str) -> str:
    """Return the lane that replies of a lane go to: the same one for replies themselves."""
    return name.replace("in:", "out:")


def _stored_body(one: ModelJob) -> object:
    """A finished job keeps nothing but its key."""
    return {} if one.state is JobState.DONE else one.body


def _job(row: Any) -> tuple[object, str | None, JobState, int]:
    return json.loads(row.body), row.key, JobState(row.state), row.tries


def _by_lane(items: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, item in items:
        found.setdefault(name, []).append(item)
    return found


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    """Without the log of each failed job, which takes longer than the rest."""
    logger.disable("jobs")
    yield
    logger.enable("jobs")


def _explore(engine: Engine, examples: int, steps: int) -> None:
    class Machine(Model):
        def __init__(self) -> None:
            super().__init__(engine)

    chosen = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    try:
        run_state_machine_as_test(Machine, settings=chosen)
    finally:
        engine.dispose()


def test_sqlite_holds_what_the_model_holds(tmp_path: Path) -> None:
    make_file(tmp_path / "bot.db")
    _explore(open_engine(f"sqlite:///{tmp_path / 'bot.db'}", synchronous="OFF"), 25, 40)


def test_postgres_holds_what_the_model_holds(migrated_postgres_url: str) -> None:
    _explore(open_engine(migrated_postgres_url), 8, 30)
