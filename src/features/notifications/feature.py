"""Notifications: other systems send templates and texts by HTTP."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from domain.delivery import StatusReport
from features.bulk.feature import Bulk
from features.notifications.access import Access
from features.notifications.api_keys import ApiKeys
from features.notifications.job_specs import NOTIFICATIONS_POOL
from features.notifications.jobs import Releaser
from features.notifications.ledger.connection import use_bot
from features.notifications.queries import NotificationQueries
from features.notifications.request_rate import RequestRate
from features.notifications.send_guard import NotificationGuard
from features.notifications.service import NotificationService
from features.notifications.settings import NotificationSettings
from features.notifications.statistics.day_counter import COUNT_DAYS, DayCounter
from features.notifications.statistics.day_counter import LANE as COUNTING_LANE
from features.notifications.status_events import STATUS_POOL, StatusEvents
from features.notifications.tables import KEEP_WORDS, kept_of
from features.notifications.waiting_counts import count_waiting
from features.templates.feature import Templates
from jobs.model import NewJob
from jobs.spec import EmptyBody, HandledJob
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from services.sending.outbox import SendGuard
from texts.required import RequiredTexts

if TYPE_CHECKING:
    from fastapi import APIRouter


class Notifications(Feature):
    """Other systems send messages, and read what became of them."""

    name = "notifications"
    summary = "other systems send templates and texts by HTTP, and read what became of them"
    page = "docs/notifications.md"
    needs = ("bulk", "templates")
    pools = (NOTIFICATIONS_POOL, STATUS_POOL)
    required_texts = RequiredTexts(keys={"notifications.kept": ("count", "days")})

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._service = NotificationService.of(parts)
        self._status_events = StatusEvents(parts.database, parts.context.extensions, parts.clock)
        use_bot(parts)

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        """Return the routes of the API."""
        from features.notifications.page_route import router as page
        from features.notifications.routes import router

        return (router, page)

    def request_state(self) -> Mapping[str, object]:
        """Return what the routes use."""
        parts = self.parts
        settings: NotificationSettings = parts.settings_of(NotificationSettings)
        configured = settings.notifications_api_key
        keys = ApiKeys(
            parts.database,
            configured.get_secret_value() if configured else None,
            is_enabled=settings.enable_whatsapp_notifications,
        )
        rate = RequestRate(settings.notifications_requests_per_minute)
        return {
            "notification_access": Access(keys, parts.queue, parts.clock, rate),
            "notification_queries": NotificationQueries(
                parts.database, parts.queue, self._status_events, parts.clock
            ),
            "notifications": self._service,
        }

    def jobs(self) -> Iterable[HandledJob]:
        """Return the jobs that release what is due, and tell what became of it."""
        parts = self.parts
        releaser = Releaser(
            parts.database,
            sending=parts.feature(Bulk).sending,
            templates_named=self._service.templates_named,
            clock=parts.clock,
            observers=parts.context.extensions.observers,
            ended=self._status_events.ended,
        )
        counter = DayCounter(parts.database, parts.clock)
        return (*releaser.handled(), self._status_events.handled(), *counter.handled())

    def first_jobs(self) -> Iterable[NewJob]:
        """Return the job that counts the days that are over."""
        yield COUNT_DAYS.new(COUNTING_LANE, EmptyBody())

    def reported(self, statuses: Sequence[StatusReport]) -> Iterable[NewJob]:
        return self._status_events.follow(statuses)

    def guards(self) -> Iterable[SendGuard]:
        """Return what stops a notification right before it is sent."""
        registry = self.parts.feature(Templates).registry
        return (NotificationGuard(self.parts.database, registry, self.parts.clock),)

    async def health(self) -> Mapping[str, str]:
        """Return how many wait for their time or their turn."""
        count = await self.parts.database.reader.run(lambda c, _: count_waiting(c))
        return {"notifications": f"{count} waiting"} if count else {}

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        """Return how many notices still have their words."""
        key = turn.user.key
        count = await self.parts.database.reader.run(lambda c, _: kept_of(c, key))
        if not count:
            return ()
        shown = {"count": count, "days": KEEP_WORDS.days}
        return (self.parts.context.texts.say(turn.language, "notifications.kept", shown),)


FEATURE = Notifications
