"""Puts a process together from its settings: the same parts, whatever its role."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

import flows
import texts
from app.database import usable_engine
from app.upkeep import retain
from config.env import Settings
from controllers.health_controller import HealthController
from controllers.webhook_controller import WebhookController
from domain.health import Backlog
from flow_engine import load_flows
from lanes.attempt import Kind
from lanes.claim import free_all_lanes
from lanes.inbox import Lanes
from lanes.model import JobState
from lanes.policy import INTERACTIVE, PATIENT
from lanes.upkeep import count_jobs, lag
from lanes.worker import Worker
from services.cloud_api.client import CloudApi
from services.cloud_api.http import make_http_client
from services.conversation_runner import ConversationRunner
from services.effect_runner import EffectRunner
from services.open_ai_service import Assistant, OpenAIService, make_openai
from services.pacing import NumberPace
from services.performer import Script
from services.whatsapp_service import WhatsAppService
from storage.deliveries import Deliveries
from storage.group_commit import GroupCommit, Work
from storage.identities import Identities
from storage.media import Media
from storage.migrate import is_current, newest_revision
from storage.users import Users
from texts.catalogue import Texts
from utils.metrics import Metrics

TEXTS = Path(texts.__path__[0])

#: What is under way may end, before a stopping process gives it to others.
GRACE = timedelta(seconds=10)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that requests use; built once per process."""

    webhooks: WebhookController
    health: HealthController
    metrics: Metrics


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Everything that this process's role needs, started; stopped in the reverse order."""
    async with AsyncExitStack() as stack:
        engine = stack.enter_context(usable_engine(settings))
        database = GroupCommit(engine)
        stack.push_async_callback(database.close)
        if engine.dialect.name == "sqlite":
            await database.submit(Work(free_all_lanes))
        metrics = Metrics()
        workers: list[Worker] = []
        if settings.role != "web":
            http = await stack.enter_async_context(make_http_client())
            assistant = make_assistant(settings, http)
            workers = make_workers(settings, database, http, metrics, assistant=assistant)
            await stack.enter_async_context(_at_work(workers))
            await stack.enter_async_context(_kept_up(settings, database))
        yield make_state(settings, database, workers, metrics)


def make_state(
    settings: Settings, database: GroupCommit, workers: list[Worker], metrics: Metrics
) -> AppState:
    """The controllers, over a running database."""

    def wake_workers() -> None:
        for worker in workers:
            worker.wake()

    async def backlog() -> Backlog:
        return await database.submit(
            Work(
                lambda connection, now: Backlog(
                    todo=count_jobs(connection, JobState.TODO),
                    dead=count_jobs(connection, JobState.DEAD),
                    lag=lag(connection, now),
                )
            )
        )

    async def migrated() -> bool:
        return await database.submit(Work(lambda connection, _: is_current(connection, newest)))

    newest = newest_revision()
    secret = settings.whatsapp_app_secret
    webhooks = WebhookController(
        Lanes(database, wake_workers),
        Identities(database),
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=metrics,
    )
    return AppState(webhooks, HealthController(backlog, migrated, metrics), metrics)


def make_workers(
    settings: Settings,
    database: GroupCommit,
    http: httpx.AsyncClient,
    metrics: Metrics,
    *,
    assistant: Assistant | None = None,
    clock: Callable[[], datetime] = now,
) -> list[Worker]:
    """One for conversations and one for sending, so that neither waits for the other's slots."""
    whatsapp = make_whatsapp(settings, http)
    WhatsAppService.use(whatsapp)
    conversations = ConversationRunner(
        make_script(settings, assistant),
        users=Users(database),
        show_typing=whatsapp.show_typing,
        allowed=settings.phone_allowlist,
        default_language=settings.default_language,
        clock=clock,
        metrics=metrics,
    )
    effects = EffectRunner(
        whatsapp,
        sent=Deliveries(database),
        media=Media(database),
        files=TEXTS / "files",
        pace=NumberPace(database, settings.wp_phone_id, settings.messages_per_second),
        clock=clock,
        metrics=metrics,
    )
    handling = {
        "message": Kind(conversations.handle_message, INTERACTIVE, on_dead=conversations.apologise),
        "timer": Kind(conversations.handle_timer, INTERACTIVE),
        "other": Kind(conversations.keep, INTERACTIVE),
    }
    sending = {"send": Kind(effects.send, PATIENT, on_dead=effects.give_up)}
    return [
        Worker(database, handling, pools=("in", "other")),
        Worker(database, sending, pools=("out",)),
    ]


def make_whatsapp(settings: Settings, http: httpx.AsyncClient) -> WhatsAppService:
    return WhatsAppService(
        CloudApi(
            http,
            token=settings.wp_access_token.get_secret_value(),
            phone_number_id=settings.wp_phone_id,
            base_url=settings.graph_api_url,
            api_version=settings.api_version,
        )
    )


def make_assistant(settings: Settings, http: httpx.AsyncClient) -> Assistant | None:
    """Who answers free text: put your own agent here."""
    if settings.openai_api_key is None:
        return None
    client = make_openai(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        http=http,
    )
    return OpenAIService(client, model=settings.openai_model)


def make_script(settings: Settings, assistant: Assistant | None) -> Script:
    return Script(
        flows=load_flows(flows),
        texts=Texts.load(TEXTS),
        remind_after=settings.reminder_after,
        cancel_after=settings.cancel_after,
        assistant=assistant,
    )


@asynccontextmanager
async def _at_work(workers: list[Worker]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:  # conversations first: what they decide may still be sent
            await worker.stop(GRACE)
        await asyncio.gather(*tasks)


@asynccontextmanager
async def _kept_up(settings: Settings, database: GroupCommit) -> AsyncIterator[None]:
    task = asyncio.create_task(retain(database, settings.retention))
    try:
        yield
    finally:
        task.cancel()
