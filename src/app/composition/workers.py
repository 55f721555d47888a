"""Who works on what is stored: conversations, and the sending of what they decide."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import httpx

from app.composition.assistant import AssistantFactory, has_agent
from app.composition.conversations import build_conversation_context
from app.composition.factories import TEXTS, make_cloud_api
from app.composition.operators import ANNOUNCING, KEEPING, operator_workers
from config.env import Settings
from domain.allowlist import Allowlist
from domain.state_change import StateObserver
from features.airtable.settings import AirtableSettings
from features.airtable.sync import AirtableSync
from features.assistant.chat import POOL
from features.broadcasts.send_guard import SendGuard
from jobs.attempt import JobSpec
from jobs.model import Handler, Job, Json, Outcome
from jobs.retry import INTERACTIVE, PATIENT
from jobs.worker import Worker
from services.clients.cloud_api.client import CloudApi
from services.conversations.agent import Agent
from services.conversations.jobs import ConversationRunner
from services.sending.outbox_sender import DOUBT, OutboxSender
from services.sending.rate_limits import NumberRateLimiter
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from storage.people.identities import Identities
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from storage.tables.users import Users
from utils.metrics import Metrics

HANDLING, SENDING = ("in", "other"), ("out",)


def served_pools(settings: Settings) -> tuple[str, ...]:
    """What the workers of these settings look for work in, in whichever process they are."""
    thinking = (POOL,) if has_agent(settings) else ()
    operators = (*KEEPING, *ANNOUNCING) if settings.of(AirtableSettings).is_enabled else ()
    return (*HANDLING, *SENDING, *thinking, *operators)


def make_workers(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    agent: Agent | None = None,
    clock: Callable[[], datetime] | None = None,
    watcher: StateObserver | None = None,
    airtable_sync: AirtableSync | None = None,
) -> list[Worker]:
    """One each for conversations, for sending and for Airtable: none waits for another's slots."""
    clock = clock or database.clock
    api = make_cloud_api(CloudApi, settings, http)
    whatsapp = WhatsAppService(api)
    WhatsAppService.use(whatsapp)
    mind = AssistantFactory.of(settings, database, http, api, whatsapp, agent)
    script = build_conversation_context(settings, mind, database)
    directory = Allowlist.of(settings.phone_allowlist, settings.users)
    conversations = ConversationRunner(
        script,
        users=Users(database),
        identities=Identities(database),
        directory=directory,
        default_language=settings.default_language,
        clock=clock,
        metrics=metrics,
        watcher=watcher,
        has_desk=settings.of(AirtableSettings).is_enabled,
        shows_messages=settings.of(AirtableSettings).shows_messages,
    )
    effects = OutboxSender(
        whatsapp,
        sent=Deliveries(database),
        withdrawals=SendGuard(database),
        media=Media(database),
        files=TEXTS / "files",
        pace=NumberRateLimiter(database, settings.wp_phone_id, settings.messages_per_second),
        clock=clock,
        metrics=metrics,
    )
    timed = partial(_timed, metrics)
    status = {
        "message": JobSpec(
            timed("message", conversations.handle_message),
            INTERACTIVE,
            on_discard=conversations.apologise,
        ),
        "timer": JobSpec(timed("timer", conversations.handle_timer), INTERACTIVE),
        "answer": JobSpec(
            timed("answer", conversations.handle_answer),
            INTERACTIVE,
            on_discard=conversations.apologise,
        ),
        "other": JobSpec(conversations.keep, INTERACTIVE),
        "no_offers": JobSpec(conversations.stop_offers, INTERACTIVE),
    }
    sending = {"send": JobSpec(timed("send", effects.send), PATIENT, on_discard=effects.give_up)}
    lease = settings.lease
    sender = Worker(database, sending, pools=SENDING, lease=lease, redelivery_grace=DOUBT)
    handler = Worker(database, status, pools=HANDLING, lease=lease, downstream=[sender])
    thinker = mind.worker(settings, database, script, directory, clock, answers_to=handler)
    if thinker is not None:
        handler.downstream.append(thinker)
    thinkers = [thinker] if thinker else []
    if airtable_sync is None:
        return [handler, *thinkers, sender]
    operators = operator_workers(settings, database, http, airtable_sync, clock, sender)
    return [handler, *thinkers, *operators, sender]


def _timed(metrics: Metrics, kind: str, handle: Handler) -> Handler:
    """The same handler; how long it takes is counted."""
    seconds = metrics.job_seconds.labels(kind)

    async def handle_timed(job: Job, state: Mapping[str, Json]) -> Outcome:
        with seconds.time():
            return await handle(job, state)

    return handle_timed
