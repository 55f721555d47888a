"""Why a request or a retry is refused that came before, in the words of the API."""

from features.notifications.acceptance import Conflict
from features.notifications.problems import Code, Problem
from features.notifications.stage import Status

#: Statuses after which a notification may be sent again.
RETRYABLE = frozenset({Status.FAILED, Status.REFUSED, Status.CANCELLED, Status.EXPIRED})


def key_missing() -> Problem:
    """Return the problem of a request that could be sent twice by accident."""
    return Problem(
        code=Code.IDEMPOTENCY_KEY_MISSING,
        field="Idempotency-Key",
        message="A request with several items needs this header.",
        fix="Give a text of your own that is the same when you repeat the request.",
    )


def conflict_problem(conflict: Conflict) -> Problem:
    """Return what a caller reads who was not the first."""
    if conflict.retried_as is not None:
        return not_retryable(None, retried_as=conflict.retried_as)
    return Problem(
        code=Code.IDEMPOTENCY_KEY_REUSED,
        field="Idempotency-Key",
        message="Another request had this key within the last 8 days.",
        fix="Give each request a key of its own.",
    )


def not_retryable(status: Status | None, *, retried_as: str | None = None) -> Problem:
    """Return why a notification is not sent again."""
    if retried_as is not None:
        message, fix = "It was retried before.", f"Look at {retried_as}."
    elif status in RETRYABLE:
        message, fix = "What it said is deleted by now.", "Send a new one."
    else:
        message, fix = f"Its status is {status}.", "Only what was not delivered can be retried."
    return Problem(code=Code.NOT_RETRYABLE, message=message, fix=fix)
