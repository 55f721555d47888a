"""The workers of a process: one for each profile that the declared jobs name."""

from collections.abc import Iterable
from datetime import timedelta
from functools import wraps

from jobs.attempt import JobHandler
from jobs.isolation import Isolation
from jobs.model import Handler, Job, LaneState, Outcome
from jobs.spec import HandledJob, WorkerProfile, by_worker, person_lane
from jobs.worker import Worker
from services.sending.numbers import acting_as
from storage.engine.group_commit import GroupCommit
from utils.metrics import Metrics


def make_workers(
    handled: Iterable[HandledJob], database: GroupCommit, metrics: Metrics, *, lease: timedelta
) -> dict[str, Worker]:
    """Return the workers by the name of their profile, in the order in which they stop."""
    about_people = [_about_person(one, metrics) for one in handled]
    groups = sorted(by_worker(about_people).items(), key=lambda group: group[0].stop_order)
    isolation = Isolation()
    workers = {
        profile.name: Worker(
            database,
            handlers,
            pools=pools,
            lease=lease,
            slots=profile.max_lanes,
            per_claim=profile.max_lanes_per_claim,
            redelivery_grace=profile.redelivery_grace,
            isolation=isolation,
        )
        for profile, (pools, handlers) in groups
    }
    by_pool = {pool: worker for worker in workers.values() for pool in worker.pools}
    for worker in workers.values():
        worker.downstream = by_pool
    return workers


def runs(profile: WorkerProfile, role: str) -> bool:
    """Return whether a process of this role runs a worker."""
    return {"calls": profile.is_live, "chats": not profile.is_live}.get(role, True)


def wake(workers: Iterable[Worker]) -> None:
    """Have workers look for work now."""
    for worker in workers:
        worker.wake()


def served_pools(handled: Iterable[HandledJob]) -> tuple[str, ...]:
    """Return the pools that some worker of these settings serves, in whichever process."""
    return tuple(dict.fromkeys(one.spec.pool.name for one in handled))


def _about_person(handled: HandledJob, metrics: Metrics) -> HandledJob:
    """The same job, as the number of its lane; how long people wait for it is measured."""
    if not handled.spec.pool.is_about_person:
        return handled
    seconds = metrics.job_seconds.labels(handled.spec.kind)

    def wrap(handle: Handler) -> Handler:
        @wraps(handle)
        async def handle_as_number(job: Job, state: LaneState) -> Outcome:
            with seconds.time(), acting_as(person_lane(job).phone_number_id):
                return await handle(job, state)

        return handle_as_number

    handler = handled.handler
    return HandledJob(
        handled.spec, JobHandler(wrap(handler.handle), handler.retry, handler.on_discard)
    )
