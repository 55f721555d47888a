"""How a call ended, from what Meta reports."""

from sqlalchemy import Connection

from features.calls import signals
from features.calls.job_specs import TerminateJob
from features.calls.states import End
from features.calls.tables import CallRow

#: Meta's status of a call that the person declined.
REJECTED = "REJECTED"


def rejection_of(connection: Connection, call: str) -> str | None:
    """Return the status of a call that was declined before its process knew Meta's id of it."""
    return REJECTED if signals.has_status(connection, call, REJECTED) else None


def end_of(told: TerminateJob, row: CallRow | None, status: str | None) -> End:
    """Return how a call ended that Meta says is over, and of which it told a status before."""
    was_answered = told.started_at is not None or (row is not None and row.accepted_at is not None)
    if was_answered:
        return End.COMPLETED
    is_ours = told.is_outgoing or (row is not None and row.is_outgoing)
    if not is_ours:
        return End.MISSED
    if REJECTED in (told.status, status):
        return End.DECLINED
    return End.NO_ANSWER if told.error is None else End.FAILED
