"""People before timers and broadcasts, and a share for those, on both databases."""

from datetime import timedelta

import pytest
from tests.fakes.clock import ManualClock

from jobs.attempt import JobHandler
from jobs.claim_order import CLAIMS_PER_LOW_FIRST
from jobs.job_queue import JobQueue
from jobs.lease import Claim
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome, Priority, Snooze
from jobs.retry import INTERACTIVE
from jobs.worker import Worker
from storage.engine.group_commit import GroupCommit

BULK = 100
MINUTE = timedelta(minutes=1)


class Office:
    """A worker that takes one lane at a time, and notes the jobs in the order of their attempts."""

    def __init__(self, database: GroupCommit, clock: ManualClock) -> None:
        self.queue = JobQueue(database)
        self.done: list[str] = []
        self.priorities: list[Priority] = []
        self.outcomes: dict[str, Outcome | Exception] = {}
        self._clock = clock
        handler = JobHandler(self._handle, INTERACTIVE)
        self.worker = Worker(
            database, {"note": handler, "timer": handler}, pools=("in", "out"), per_claim=1
        )

    async def _handle(self, job: Job, state: LaneState) -> Outcome:
        self.done.append(str(job.body))
        self.priorities.append(job.priority)
        outcome = self.outcomes.pop(str(job.body), Outcome())
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def store(self, body: str, lane: str, priority: Priority | None = None) -> None:
        self._clock.advance(timedelta(milliseconds=1))
        await self.queue.enqueue([NewJob(lane, "note", body, priority=priority)])

    async def fill(self, priority: Priority) -> None:
        """Many wait, each in a lane of its own."""
        for number in range(BULK):
            await self.store(f"bulk {number}", f"out:1:{number}", priority)


@pytest.fixture
def office(database: GroupCommit, clock: ManualClock) -> Office:
    return Office(database, clock)


async def test_people_go_before_what_was_there_earlier(office: Office) -> None:
    await office.fill(Priority.LOW)
    await office.store("hello", "in:1:ana")
    await office.worker.run_until_idle()
    assert "hello" in office.done[:2]
    bulk = [body for body in office.done if body != "hello"]
    assert bulk == [f"bulk {number}" for number in range(BULK)]  # the oldest first, as ever


async def test_what_may_wait_goes_on_while_people_write(office: Office) -> None:
    await office.fill(Priority.HIGH)
    await office.store("news", "in:1:ana", Priority.LOW)
    await office.worker.run_until_idle()
    assert "news" in office.done[: CLAIMS_PER_LOW_FIRST + 1]


async def test_timers_and_what_they_lead_to_may_wait(office: Office, clock: ManualClock) -> None:
    reminder = NewJob("out:1:ana", "note", "do you still want to register?")
    operator = NewJob("out:1:bob", "note", "an operator's reply", priority=Priority.HIGH)
    office.outcomes = {
        "first": Outcome(timers={"later": NewTimer(MINUTE, "rang")}),
        "rang": Outcome(jobs=[reminder, operator]),
    }
    await office.store("first", "in:1:ana")
    await office.worker.run_until_idle()
    clock.advance(MINUTE)
    await office.worker.run_until_idle()
    seen = dict(zip(office.done, office.priorities, strict=True))
    assert seen == {
        "first": Priority.HIGH,
        "rang": Priority.LOW,
        "do you still want to register?": Priority.LOW,
        "an operator's reply": Priority.HIGH,
    }


async def test_a_timer_that_somebody_waits_for_is_urgent(
    office: Office, clock: ManualClock
) -> None:
    """The end of a short pause: what was written is answered before a broadcast goes on."""
    answer, later = NewJob("out:1:ana", "note", "answer"), NewTimer(MINUTE, "much later")
    office.outcomes = {
        "hello": Outcome(timers={"pause": NewTimer(MINUTE, "rang", is_urgent=True)}),
        "rang": Outcome(jobs=[answer], timers={"later": later}),
    }
    await office.store("hello", "in:1:ana")
    await office.worker.run_until_idle()
    clock.advance(MINUTE)
    await office.fill(Priority.LOW)
    await office.worker.run_until_idle()
    assert set(office.done[1:4]) == {"rang", "answer", "bulk 0"}
    clock.advance(MINUTE)
    await office.worker.run_until_idle()
    seen = dict(zip(office.done, office.priorities, strict=True))
    assert (seen["rang"], seen["answer"]) == (Priority.HIGH, Priority.HIGH)
    assert seen["much later"] is Priority.LOW


async def test_whoever_writes_makes_their_lane_urgent(
    office: Office, database: GroupCommit
) -> None:
    """Also if a broadcast to them waits already: it stands before their answer."""
    await office.fill(Priority.LOW)
    last = f"out:1:{BULK - 1}"
    await office.store("answer", last)
    [taken] = await database.submit(Claim(("in", "out"), limit=1, lease=30))
    assert (taken.name, [job.body for job in taken.jobs]) == (last, [f"bulk {BULK - 1}", "answer"])


@pytest.mark.parametrize("priority", Priority)
async def test_a_lane_that_backs_off_keeps_its_priority(
    office: Office, clock: ManualClock, priority: Priority
) -> None:
    office.outcomes = {"slow": Snooze("not yet", MINUTE)}
    await office.store("slow", "in:1:ana", priority)
    await office.worker.run_until_idle()
    clock.advance(MINUTE)
    await office.worker.run_until_idle()
    assert office.priorities == [priority, priority]


async def test_a_lane_is_not_urgent_for_ever(office: Office) -> None:
    await office.store("hello", "out:1:ana")
    await office.worker.run_until_idle()
    await office.store("news", "out:1:ana", Priority.LOW)
    await office.worker.run_until_idle()
    assert office.priorities == [Priority.HIGH, Priority.LOW]
