"""Events: other systems tell what happened, by HTTP or RabbitMQ, and a template goes out."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from features.events.intake import EventIntake
from features.events.job_specs import EVENTS_POOL
from features.events.jobs import EventHandler
from features.events.metrics import EventMetrics
from features.events.registry import find_rules
from features.events.sending import EventSender
from features.events.settings import EventSettings
from features.notifications.api_keys import ONE_TENANT
from features.notifications.service import NotificationService
from flow_engine import Fault
from jobs.spec import HandledJob
from services.feature import Feature, Parts

if TYPE_CHECKING:
    from fastapi import APIRouter

    from features.events.rabbit import RabbitSource


class Events(Feature):
    """Each file of `src/events` says which template goes to whom when its event comes."""

    name = "events"
    summary = "other systems tell what happened, by HTTP or RabbitMQ, and a template goes out"
    page = "docs/events.md"
    needs = ("notifications", "templates")
    folders = ("src/events",)
    pools = (EVENTS_POOL,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.rules = find_rules()
        self.metrics = parts.metrics.of(EventMetrics)
        #: Takes events from RabbitMQ, in a process that runs jobs.
        self._source: RabbitSource | None = None

    @classmethod
    def faults(cls) -> Iterable[Fault]:
        """Return what is wrong with the files of `src/events`."""
        return find_rules().faults

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        """Return the route of the API."""
        from features.events.routes import router

        return (router,)

    def request_state(self) -> Mapping[str, object]:
        """Return what the route uses."""
        return {"event_rules": self.rules, "events": self._intake}

    def jobs(self) -> Iterable[HandledJob]:
        """Return the job that makes a notification of an event."""
        parts = self.parts
        alert = parts.context.extensions.alert
        return EventHandler(self.rules, self._sender, self.metrics, alert, parts.clock).handled()

    async def health(self) -> Mapping[str, str]:
        """Return whether events come from RabbitMQ."""
        return {} if self._source is None else {"events": self._source.state}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take events from RabbitMQ, if AMQP_URL says where."""
        settings: EventSettings = self.parts.settings_of(EventSettings)
        if settings.amqp_url is None:
            yield
            return
        from features.events.rabbit import RabbitSource

        self._source = RabbitSource(
            settings.amqp_url.get_secret_value(),
            settings.events_queue,
            self.rules,
            self._intake,
            self.parts.database,
            tenant=ONE_TENANT,
        )
        async with self._source.running():
            yield

    @cached_property
    def _sender(self) -> EventSender:
        parts = self.parts
        return EventSender(NotificationService.of(parts), parts.zone, parts.clock)

    @cached_property
    def _intake(self) -> EventIntake:
        parts = self.parts
        settings: EventSettings = parts.settings_of(EventSettings)
        own = settings.events_tenant_id
        return EventIntake(parts.queue, self._sender, self.metrics, parts.clock, own)


FEATURE = Events
