"""One attempt at one job: run its handler, and turn whatever happens into a decision."""

from dataclasses import dataclass, replace

from loguru import logger

from jobs.commit import JobCompletion
from jobs.model import Discard, Handler, Job, JobState, LaneState, Outcome, RetryLater, Snooze
from jobs.retry import RetryPolicy
from utils.storable_text import strip_unstorable

MAX_ERROR_CHARS = 500


@dataclass(frozen=True, slots=True)
class JobHandler:
    """What to do with the jobs of one kind."""

    handle: Handler
    retry: RetryPolicy
    #: decides what commits beside the dead letter when a job is given up
    on_discard: Handler | None = None


async def attempt(
    kind: JobHandler | None, job: Job, state: LaneState, ended: JobCompletion
) -> JobCompletion:
    """Run the handler. `ended` is the turn as it is when all goes well, still without outcome."""
    if kind is None:
        error = f'nothing here handles jobs of kind "{job.kind}"'
        return replace(ended, state=JobState.DEAD, tries=job.tries, error=error)
    try:
        outcome = await kind.handle(job, state)
        logger.debug("job {} ({}) done", job.id, job.kind)
        return replace(ended, outcome=outcome)
    except Snooze as later:
        pause = later.after.total_seconds()
        return _again(ended, tries=job.tries, error=later, pause=pause)
    except Discard as error:
        logger.error("job {} ({}) is kept with the dead letters", job.id, job.kind)
        dead = replace(ended, state=JobState.DEAD, tries=job.tries + 1, error=_text(error))
        return replace(dead, outcome=error.outcome)
    except Exception as error:  # noqa: BLE001 - a handler may fail in any way
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
    error: Exception,
) -> JobCompletion:
    """Try again later, or give up."""
    tries = job.tries + 1
    if not kind.retry.is_last(tries):
        pause = kind.retry.pause(tries)
        if isinstance(error, RetryLater):
            pause = max(pause, error.after.total_seconds())
        return _again(ended, tries=tries, error=error, pause=pause)
    logger.error("job {} ({}) is given up: see the dead letters", job.id, job.kind)
    outcome = await _last_words(kind, job, state)
    return replace(ended, state=JobState.DEAD, tries=tries, error=_text(error), outcome=outcome)


async def fallback(
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
        return await kind.on_discard(job, state)
    except Exception as error:  # noqa: BLE001 - whatever broke the job may break this too
        logger.opt(exception=error).error("job {}: its on_discard handler failed", job.id)
        return Outcome()


def _again(ended: JobCompletion, *, tries: int, error: Exception, pause: float) -> JobCompletion:
    """The job stays at the head of its lane, which sleeps: order is kept."""
    return replace(
        ended, state=JobState.TODO, tries=tries, error=_text(error), release=True, pause=pause
    )


def _text(error: Exception) -> str:
    return strip_unstorable(f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARS])
