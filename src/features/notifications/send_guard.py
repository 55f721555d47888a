"""A notification in the outbox may no longer be wanted when its turn comes."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Select, Text, select

from domain.window import is_window_closed
from features.notifications.job_specs import marked_category
from features.notifications.stage import Stage
from features.notifications.tables import notification
from features.templates.consent import objection_to
from jobs.model import Job
from services.sending.outbox import SendJob
from services.sending.permission import WINDOW_CLOSED, user_key_of
from storage.engine.compiled import CompiledStatement, listed
from storage.engine.group_commit import GroupCommit
from storage.engine.lookup import Lookup
from storage.tables.users import Users


@CompiledStatement
def _stage(dialect: str) -> Select[tuple[str, str, datetime | None]]:
    of = notification.c
    return select(of.id, of.stage, of.expires_at).where(of.id.in_(listed(dialect, "keys", Text())))


class NotificationGuard:
    """Knows what was cancelled, what is too late by now, and who wrote STOP meanwhile."""

    def __init__(self, database: GroupCommit, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._users = Users(database)
        self._clock = clock

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return why a message is not to be sent; None if it is, and for all other messages."""
        category = marked_category(body)
        if category is None:
            return None
        row = await self._database.submit(Lookup(_stage, str(job.key)))
        if row is None:
            return "the notification was deleted"
        _, stage, expires_at = row
        now = self._clock()
        if stage == Stage.CANCELLED:
            return "it was cancelled"
        if expires_at is not None and expires_at <= now:
            return "it expired before Meta took it"
        user = await self._users.get(user_key_of(job))
        if objection := objection_to(user, category):
            return objection
        is_text = body.message is not None and body.message["type"] != "template"
        # A template in its place, as replies get one, would be another message.
        return WINDOW_CLOSED if is_text and is_window_closed(user, now) else None
