"""A notification in the outbox may no longer be wanted when its turn comes."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Select, Text, select

from domain.window import is_window_closed
from features.notifications.job_specs import RELEASE, lane_of, marked_category
from features.notifications.release import HOLD
from features.notifications.stage import Stage
from features.notifications.tables import notification
from features.notifications.verdict import taken_back
from features.templates.consent import objection_to
from features.templates.registry import TemplateRegistry
from features.templates.send_guard import is_on_hold
from jobs.model import Job, Priority
from jobs.spec import EmptyBody, person_lane
from services.sending.outbox import SendJob, TakenBack
from services.sending.permission import WINDOW_CLOSED
from storage.engine.compiled import CompiledStatement, listed
from storage.engine.group_commit import GroupCommit
from storage.engine.lookup import Lookup
from storage.tables.users import Users


@CompiledStatement
def _stage(dialect: str) -> Select[tuple[str, str, datetime | None, str]]:
    of = notification.c
    columns = (of.id, of.stage, of.expires_at, of.tenant)
    return select(*columns).where(of.id.in_(listed(dialect, "keys", Text())))


class NotificationGuard:
    """Knows what was cancelled, what is too late by now, and who wrote STOP meanwhile."""

    def __init__(
        self,
        database: GroupCommit,
        registry: TemplateRegistry | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._registry = registry
        self._users = Users(database)
        self._clock = clock

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return why a message is not to be sent; None if it is, and for all other messages.

        Raises TakenBack for a template that Meta paused meanwhile.
        """
        category = marked_category(body)
        if category is None:
            return None
        row = await self._database.submit(Lookup(_stage, str(job.key)))
        if row is None:
            return "the notification was deleted"
        _, stage, expires_at, tenant = row
        now = self._clock()
        if stage == Stage.CANCELLED:
            return "it was cancelled"
        if expires_at is not None and expires_at <= now:
            return "it expired before Meta took it"
        if (until := await self._held_until(body, now)) is not None:
            release = RELEASE.new(lane_of(tenant), EmptyBody(), priority=Priority.LOW)
            until = min(until, expires_at or until)
            raise TakenBack([release], [taken_back(str(job.key), until)])
        user = await self._users.get(person_lane(job).user_key)
        if objection := objection_to(user, category):
            return objection
        is_text = body.message is not None and body.message["type"] != "template"
        # A template in its place, as replies get one, would be another message.
        return WINDOW_CLOSED if is_text and is_window_closed(user, now) else None

    async def _held_until(self, body: SendJob, now: datetime) -> datetime | None:
        """Return when to look again if Meta paused the template, or reviews it again."""
        template = (body.message or {}).get("template")
        if self._registry is None or template is None:
            return None
        found = await self._registry.find(template["name"], template["language"]["code"])
        if found is None or not is_on_hold(found, now):
            return None
        return max(now + HOLD, found.paused_until or now)
