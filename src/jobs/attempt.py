"""One attempt at one job: run its handler, and turn whatever happens into a decision."""

import asyncio
from dataclasses import dataclass, replace

from loguru import logger

from jobs.commit import AlreadyStored, CommitJobs, JobCompletion
from jobs.isolation import MAX_STARTS
from jobs.model import (
    Discard,
    Handler,
    Job,
    JobState,
    LaneState,
    Outcome,
    RetryLater,
    Snooze,
    UnreadableState,
)
from jobs.retry import RetryPolicy
from storage.engine.group_commit import GroupCommit
from storage.engine.problems import is_server_failure
from utils.storable_text import strip_unstorable

MAX_ERROR_CHARS = 500
#: Pause before an outcome is stored again, in seconds, while the database is away.
STORE_AGAIN_SECONDS = 0.25


class Abandoned(Exception):
    """A job was begun so often without an end that it is not begun again."""


class UnreadableBody(Exception):
    """The stored body of a job is not JSON."""


@dataclass(frozen=True, slots=True)
class JobHandler:
    """What to do with the jobs of one kind."""

    handle: Handler
    retry: RetryPolicy
    #: decides what commits beside the dead letter when a job is given up
    on_discard: Handler | None = None


async def attempt_and_store(
    database: GroupCommit,
    kind: JobHandler | None,
    job: Job,
    state: LaneState,
    ended: JobCompletion,
) -> tuple[JobCompletion, bool]:
    """Return how an attempt ended, and whether the lane was still ours to say so.

    `ended` is the turn as it is when all goes well, still without outcome.
    """
    turn = await attempt(kind, job, state, ended)
    while True:
        try:
            return turn, await database.submit(CommitJobs(turn=turn))
        except AlreadyStored:
            return turn, True
        except Exception as error:
            if is_server_failure(error):  # what was done is not to be done again: keep at it
                await asyncio.sleep(STORE_AGAIN_SECONDS)
                continue
            if kind is None:
                raise
            smaller = await _fallback(kind, job, state, ended, turn, error)
            if smaller is None:
                raise
            turn = smaller


async def attempt(
    kind: JobHandler | None, job: Job, state: LaneState, ended: JobCompletion
) -> JobCompletion:
    """Run the handler; return what to store, whatever happens."""
    if kind is None:
        error = f'nothing here handles jobs of kind "{job.kind}"'
        return replace(ended, state=JobState.DEAD, tries=job.tries, error=error)
    if ended.starts >= MAX_STARTS:
        abandoned = Abandoned(f"begun {ended.starts} times without an end")
        is_first = ended.starts == MAX_STARTS  # else on_discard did not end either
        return await _give_up(kind if is_first else None, job, state, ended, abandoned)
    if not job.is_readable:
        return await _give_up(kind, job, state, ended, UnreadableBody("the body is not JSON"))
    return await _handle(kind, job, state, ended)


async def _handle(
    kind: JobHandler, job: Job, state: LaneState, ended: JobCompletion
) -> JobCompletion:
    """Run the handler; what it raises decides how the job ends, or that it does not."""
    try:
        outcome = await _run(kind.handle, job, state)
        logger.debug("job {} ({}) done", job.id, job.kind)
        return replace(ended, outcome=outcome)
    except Snooze as later:
        pause = later.after.total_seconds()
        return _again(ended, tries=job.tries, error=later, pause=pause)
    except Discard as error:
        logger.error("job {} ({}) is kept with the dead letters", job.id, job.kind)
        dead = replace(ended, state=JobState.DEAD, tries=job.tries + 1, error=_text(error))
        return replace(dead, outcome=error.outcome)
    except BaseException as error:  # a library may raise CancelledError or a panic of its own
        if _is_told_to_end(error):
            raise
        # The text of the error stays in the row: it may quote what a person wrote.
        logger.opt(exception=error).warning(
            "job {} ({}) failed, attempt {}", job.id, job.kind, job.tries + 1
        )
        return await _failed(kind, job, state, ended, error)


async def _failed(
    kind: JobHandler,
    job: Job,
    state: LaneState,
    ended: JobCompletion,
    error: BaseException,
) -> JobCompletion:
    """Try again later, or give up."""
    tries = job.tries + 1
    if not kind.retry.is_last(tries):
        pause = kind.retry.pause(tries)
        if isinstance(error, RetryLater):
            pause = max(pause, error.after.total_seconds())
        return _again(ended, tries=tries, error=error, pause=pause)
    return await _give_up(kind, job, state, ended, error)


async def _give_up(
    kind: JobHandler | None,
    job: Job,
    state: LaneState,
    ended: JobCompletion,
    error: BaseException,
) -> JobCompletion:
    """Make the job a dead letter, with what on_discard decides, if a `kind` is given."""
    logger.error("job {} ({}) is given up: see the dead letters", job.id, job.kind)
    outcome = Outcome() if kind is None else await _last_words(kind, job, state)
    tries = job.tries + max(ended.starts, 1)
    return replace(ended, state=JobState.DEAD, tries=tries, error=_text(error), outcome=outcome)


async def _fallback(
    kind: JobHandler,
    job: Job,
    state: LaneState,
    ended: JobCompletion,
    unstored: JobCompletion,
    error: Exception,
) -> JobCompletion | None:
    """What to store in place of a turn that cannot be; None if there is nothing."""
    logger.opt(exception=error).error("job {} ({}) cannot be stored", job.id, job.kind)
    if unstored.state is JobState.DONE:
        return await _failed(kind, job, state, ended, error)
    if unstored.state is JobState.DEAD and unstored.outcome != Outcome():
        return replace(unstored, outcome=Outcome())  # without last words, yet out of the way
    return None


async def _last_words(kind: JobHandler, job: Job, state: LaneState) -> Outcome:
    if kind.on_discard is None:
        return Outcome()
    try:
        return await _run(kind.on_discard, job, state)
    except BaseException as error:  # whatever broke the job may break this too
        if _is_told_to_end(error):
            raise
        logger.opt(exception=error).error("job {}: its on_discard handler failed", job.id)
        return Outcome()


async def _run(handler: Handler, job: Job, state: LaneState) -> Outcome:
    """Run a handler; parts of the state that it cannot read are put aside."""
    try:
        return await handler(job, state)
    except UnreadableState as odd:
        rest = {name: value for name, value in state.items() if name not in odd.parts}
        if rest == state:
            raise
        logger.error("the state for job {} ({}) has unreadable parts: {}", job.id, job.kind, odd)
        outcome = await _run(handler, job, rest)
        kept = rest if outcome.state is None else outcome.state
        return replace(outcome, state=kept, unreadable=state)


def _is_told_to_end(error: BaseException) -> bool:
    """Return whether the attempt itself is ended from outside, rather than by its handler."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | GeneratorExit)


def _again(
    ended: JobCompletion, *, tries: int, error: BaseException, pause: float
) -> JobCompletion:
    """The job stays at the head of its lane, which sleeps: order is kept."""
    return replace(
        ended, state=JobState.TODO, tries=tries, error=_text(error), release=True, pause=pause
    )


def _text(error: BaseException) -> str:
    return strip_unstorable(f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARS])
