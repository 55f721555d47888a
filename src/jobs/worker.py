"""Runs what is stored: lanes side by side, the jobs of each strictly in order."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from jobs.attempt import JobHandler, attempt_and_store
from jobs.claim_order import ClaimOrder
from jobs.commit import JobCompletion, pool_of
from jobs.isolation import Isolation
from jobs.lease import ClaimedLane, Heartbeat, LaneLease, ReleaseLanes
from jobs.reservations import CutReservations
from storage.engine.group_commit import GroupCommit
from storage.engine.problems import problem_of
from utils.tracing import span

MAX_LANES_PER_CLAIM = 200
#: Between two claims of a busy worker: a few lanes end meanwhile, and are replaced at once.
BUSY_SECONDS = 0.01


class Worker:
    """Claims lanes and runs their jobs until told to stop.

    Several workers, in any number of processes, may share one database; those of different
    `pools` never take each other's slots. A worker that stalls
    past its `lease` loses its lanes to the others, and nothing it then decides is stored.
    """

    def __init__(
        self,
        database: GroupCommit,
        kinds: Mapping[str, JobHandler],
        *,
        pools: tuple[str, ...],
        lease: timedelta = timedelta(seconds=30),
        poll: timedelta = timedelta(seconds=0.25),
        slots: int = 500,
        per_claim: int = MAX_LANES_PER_CLAIM,
        redelivery_grace: timedelta = timedelta(0),
        isolation: Isolation | None = None,
    ) -> None:
        self._database = database
        self._kinds = kinds
        #: what it looks for work in
        self.pools = pools
        self.lease = lease.total_seconds()
        self._poll = poll.total_seconds()
        self._slots = slots
        #: small where each job begins with much to compute: others come between
        self._per_claim = per_claim
        #: Workers of this process by pool: they are woken for jobs that ours decide on, and need
        #: not find them by polling.
        self.downstream: Mapping[str, Worker] = {}
        #: shared by the workers of a process
        self._isolation = isolation or Isolation()
        #: steps of the database's clock after which leases and pauses were looked at
        self._clock_steps = -1
        self._order = ClaimOrder(pools, self.lease)
        #: may have had their effect when they are stopped: so long, nobody begins them again
        self.redelivery_grace = redelivery_grace.total_seconds()
        #: begins the tokens of its claims: see `jobs.presence`
        self.session = ""
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._work_arrived = asyncio.Event()
        self._claiming = asyncio.Lock()
        self._stopping = False
        #: `stop` has ended: nothing runs any more
        self._stopped = asyncio.Event()

    def wake(self) -> None:
        """Look for work now, not at the next poll."""
        self._work_arrived.set()

    async def run(self) -> None:
        """Work until `stop` is called, and has ended. A database that is away is waited for."""
        heartbeat = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping:
                self._work_arrived.clear()
                if not await self._claim_safely() or len(self._running) >= self._slots:
                    await self._wait_for_work()
                if len(self._running) > self._slots // 2:
                    await asyncio.sleep(BUSY_SECONDS)
            await self._stopped.wait()  # what may still end keeps its lease
        finally:
            heartbeat.cancel()

    async def run_until_idle(self) -> None:
        """Run everything that is due now, and what that leads to, then return."""
        while await self._claim() or self._running:
            await asyncio.gather(*(task for _, task in self._running.values()))

    async def stop(self, grace: timedelta) -> None:
        """Claim no more; let running jobs end within `grace`, and give back the rest undone."""
        self._stopping = True
        self.wake()
        try:
            await self._drain(grace)
        finally:
            self._stopped.set()

    async def _drain(self, grace: timedelta) -> None:
        async with self._claiming:  # what is being claimed right now runs as well
            running = dict(self._running)
        tasks = [task for _, task in running.values()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        undone = [LaneLease(name, token) for name, (token, task) in running.items() if task in late]
        if undone:
            try:
                await self._database.submit(ReleaseLanes(undone, self.redelivery_grace))
            except SQLAlchemyError as error:  # their leases end by themselves
                problem = problem_of(error).what
                logger.warning("the lanes of a stopped worker are not given back: {}", problem)

    async def _claim_safely(self) -> bool:
        try:
            return await self._claim()
        except Exception as error:  # noqa: BLE001 - the loop must survive its database's restart
            problem = problem_of(error).what
            logger.opt(exception=error).error("cannot claim work: {}; trying again", problem)
            await asyncio.sleep(self._poll)
            return False

    async def _claim(self) -> bool:
        async with self._claiming:
            free = min(self._slots - len(self._running), self._per_claim)
            if free <= 0 or self._stopping or self._isolation.is_closed:
                return False
            await self._cut_reservations()
            now = self._database.clock().timestamp()
            with self._isolation.claiming() as suspects:
                claim = self._order.next(free, now, suspects, self.session)
                claimed = await self._database.submit(claim)
                for lane in claimed:
                    self._start(lane)
            if len(claimed) < free:
                self._order.none_left(now)
            is_clock_set_back = self._clock_steps != self._database.clock_steps
            return bool(claimed) or is_clock_set_back  # then look again

    async def _cut_reservations(self) -> None:
        """Cut what a wrong clock stretched: at the start, and whenever the clock was set back."""
        steps = self._database.clock_steps
        if steps != self._clock_steps:
            await self._database.submit(CutReservations(self.pools))
            self._clock_steps = steps

    def _start(self, lane: ClaimedLane) -> None:
        if lane.name in self._running:  # we stalled, lost it, and got it back: stop the old run
            self._running[lane.name][1].cancel()
        task = asyncio.create_task(self._run_lane(lane))
        self._running[lane.name] = (lane.token, task)
        task.add_done_callback(partial(self._forget, lane))
        if lane.is_suspect:
            logger.warning("a job that was begun {} times without an end runs alone", lane.starts)
            self._isolation.begins()

    def _forget(self, lane: ClaimedLane, ended: asyncio.Task[None]) -> None:
        if self._running.get(lane.name) == (lane.token, ended):
            del self._running[lane.name]
        if lane.is_suspect:
            self._isolation.ends()
        self.wake()
        if not ended.cancelled() and ended.exception() is not None:
            logger.opt(exception=ended.exception()).error("a lane could not be finished")

    async def _wait_for_work(self) -> None:
        try:
            await asyncio.wait_for(self._work_arrived.wait(), self._poll)
        except TimeoutError:
            return

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self.lease / 3)
            await self.renew_leases()

    async def renew_leases(self) -> None:
        """Extend the leases of what runs, and stop what another worker has taken over."""
        running = {LaneLease(name, token): task for name, (token, task) in self._running.items()}
        if not running:
            return
        try:
            lost = await self._database.submit(Heartbeat(list(running), self.lease))
        except Exception:  # noqa: BLE001 - a missed beat costs at most the lease
            logger.exception("cannot renew leases")
            return
        for lease in lost:
            logger.warning("a lane is stopped: another worker has taken it over")
            running[lease].cancel()

    async def _run_lane(self, lane: ClaimedLane) -> None:
        state = lane.state
        for place, job in enumerate(lane.jobs, start=1):
            is_last = place == len(lane.jobs)
            ended = JobCompletion(
                lane.name,
                lane.token,
                job.id,
                starts=lane.starts if place == 1 else 0,
                release=is_last,
                pause=0.0 if is_last and lane.has_more else None,  # due again at once
                priority=lane.priority,
            )
            with span(job.trace, job.kind):
                kind = self._kinds.get(job.kind)
                turn, kept = await attempt_and_store(self._database, kind, job, state, ended)
            if kept and turn.outcome.jobs:
                self._wake_downstream(turn)
            if not kept or turn.release:
                return  # lost to another worker, which does this job again; or given back
            state = state if turn.outcome.state is None else turn.outcome.state

    def _wake_downstream(self, ended: JobCompletion) -> None:
        for pool in {pool_of(job.lane) for job in ended.outcome.jobs}:
            if (worker := self.downstream.get(pool)) is not None:
                worker.wake()
