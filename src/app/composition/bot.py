"""Builds the bot of one process from its settings: parts, features, jobs, workers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx

from app.composition.conversations import build_conversation_context
from app.composition.factories import TEXTS, make_cloud_api
from app.composition.features import build_features, find_features, import_tables
from app.composition.workers import make_workers, served_pools
from config.env import Settings
from domain.allowlist import Allowlist
from domain.state_change import StateObserver
from jobs.job_queue import JobQueue
from jobs.model import NewJob
from jobs.spec import HandledJob
from jobs.worker import Worker
from services.agent import Agent
from services.clients.cloud_api.client import CloudApi
from services.conversations.jobs import ConversationJobs
from services.conversations.webhook_events import WebhookEvents
from services.feature import Feature, Parts
from services.sending.outbox_sender import OutboxSender
from services.sending.rate_limits import NumberRateLimiter
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from storage.people.identities import Identities
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from storage.tables.users import Users
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts of one process, built and not yet running."""

    settings: Settings
    parts: Parts
    handled: tuple[HandledJob, ...]
    #: Workers of this process, which are woken when jobs are enqueued.
    workers: list[Worker]

    @property
    def features(self) -> Sequence[Feature]:
        return self.parts.features

    @property
    def pools(self) -> tuple[str, ...]:
        """Pools that the settings have served, in whichever process."""
        return served_pools(self.handled)

    def make_workers(self) -> dict[str, Worker]:
        """Return the workers by name, in the order in which they stop."""
        parts = self.parts
        made = make_workers(self.handled, parts.database, parts.metrics, lease=self.settings.lease)
        self.workers[:] = made.values()
        return made

    def wake(self) -> None:
        """Have the workers look for work now."""
        _wake(self.workers)

    def first_jobs(self) -> list[NewJob]:
        """Return what to enqueue whenever a worker starts."""
        return [job for feature in self.features for job in feature.first_jobs()]


def build_bot(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    agent: Agent | None = None,
    clock: Callable[[], datetime] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    state_observers: Sequence[StateObserver] = (),
) -> Bot:
    """Build everything that a process may need, whatever its role."""
    workers: list[Worker] = []
    api = make_cloud_api(CloudApi, settings, http)
    whatsapp = WhatsAppService(api)
    WhatsAppService.use(whatsapp)
    parts = Parts(
        settings_of=settings.of,
        context=build_conversation_context(settings),
        database=database,
        http=http,
        cloud_api=api,
        whatsapp=whatsapp,
        queue=JobQueue(database, partial(_wake, workers)),
        allowlist=Allowlist.of(settings.phone_allowlist, settings.users),
        metrics=metrics,
        clock=clock or database.clock,
        sleep=sleep,
        zone=settings.zone,
        default_language=settings.default_language,
        phone_number_id=settings.wp_phone_id,
        business_account_id=settings.wp_bid,
        messages_per_second=settings.messages_per_second,
        texts_folder=TEXTS,
        agent=agent,
    )
    import_tables()
    build_features(parts, find_features())
    parts.conversations = ConversationJobs(
        context=parts.context,
        users=Users(database),
        events=WebhookEvents(Identities(database), parts.context.extensions.events),
        allowlist=parts.allowlist,
        default_language=settings.default_language,
        clock=parts.clock,
        metrics=metrics,
        state_observers=state_observers,
    )
    added = [job for feature in parts.features for job in feature.jobs()]
    handled = (*parts.conversations.handled(), *added, _make_sender(parts).handled())
    return Bot(settings, parts, handled, workers)


def _wake(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.wake()


def _make_sender(parts: Parts) -> OutboxSender:
    database = parts.database
    return OutboxSender(
        parts.whatsapp,
        sent=Deliveries(database),
        guards=[guard for feature in parts.features for guard in feature.guards()],
        observers=parts.context.extensions.observers,
        media=Media(database),
        pace=NumberRateLimiter(database, parts.phone_number_id, parts.messages_per_second),
        files=parts.texts_folder / "files",
        clock=parts.clock,
        metrics=parts.metrics,
    )
