"""What becomes of a notification that is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, bindparam, null, update

from domain.user import User
from features.notifications.problems import Problem
from features.notifications.stage import Stage
from features.notifications.tables import NotificationRow, notification, waits
from schemas.cloud_api_schema import OutgoingMessage
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp
from storage.engine.json_column import encoded
from storage.engine.write import Write


@CompiledStatement
def _leave(dialect: str) -> Update:
    is_it = notification.c.id == bindparam("row_key")
    at = bindparam("at", type_=UtcTimestamp)
    values = {"stage": bindparam("new_stage"), "left_at": at, "problems": bindparam("why")}
    values["category"] = bindparam("new_category")
    return update(notification).where(is_it, waits).values(values)


@CompiledStatement
def _hold(dialect: str) -> Update:
    is_it = notification.c.id == bindparam("row_key")
    until = bindparam("until", type_=UtcTimestamp)
    return update(notification).where(is_it, waits).values(due_at=until)


@CompiledStatement
def _take_back(dialect: str) -> Update:
    is_it = notification.c.id == bindparam("row_key")
    is_released = notification.c.stage == Stage.RELEASED.value
    until = bindparam("until", type_=UtcTimestamp)
    values = {"stage": Stage.WAITING.value, "due_at": until, "left_at": null()}
    return update(notification).where(is_it, is_released).values(values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notification that is due."""

    #: with the category that Meta has the template in by now
    row: NotificationRow
    person: User
    stage: Stage
    message: OutgoingMessage | None = None
    #: What the person reads.
    text: str | None = None
    problems: Sequence[Problem] = ()
    #: It is looked at again then.
    held_until: datetime | None = None

    def write(self, at: datetime) -> Write:
        """Return what is noted of it."""
        if self.held_until is not None:
            return Write(_hold, [{"row_key": self.row.id, "until": self.held_until}])
        why = encoded([one.model_dump() for one in self.problems]) if self.problems else None
        row = {"row_key": self.row.id, "new_stage": self.stage.value, "at": at, "why": why}
        return Write(_leave, [{**row, "new_category": self.row.category}])


def taken_back(id_: str, until: datetime) -> Write:
    """Note that a notification left the outbox unsent, and is looked at again then."""
    return Write(_take_back, [{"row_key": id_, "until": until}])
