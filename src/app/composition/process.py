"""Puts a process together from its settings: the same parts, whatever its role."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from loguru import logger

from app.composition.conversations import load_conversations
from app.composition.database import readable_database_errors, usable_engine
from app.composition.operators import make_airtable_sync
from app.composition.workers import make_workers, served_pools
from app.runtime.dev_observers import state_observer
from app.runtime.observability import observed
from app.runtime.retention import retain, watch_loop
from config.env import Settings
from controllers.health_controller import HealthController
from controllers.webhook_controller import WebhookController
from domain.health import Backlog
from features.airtable.sync import lane_of
from features.airtable.tables import messages
from features.airtable.tables.contacts import failures
from features.airtable.webhook_controller import AirtableController
from jobs.job_queue import JobQueue
from jobs.lease import release_all_leases
from jobs.maintenance import count_jobs, count_unserved, lag, state_of
from jobs.model import JobState, NewJob
from jobs.notifier import listen
from jobs.worker import Worker
from services.clients.http import make_http_client
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import is_current, newest_revision
from storage.people.identities import Identities
from storage.tables.deliveries import report
from utils.metrics import Metrics

#: What is under way may end, before a stopping process gives it to others: all of it together.
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that requests use; built once per process."""

    webhooks: WebhookController
    #: None without Airtable
    airtable: AirtableController | None
    health: HealthController
    metrics: Metrics


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Everything that this process's role needs, started; stopped in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        engine = stack.enter_context(usable_engine(settings))
        database = GroupCommit(engine)
        stack.push_async_callback(database.close)
        if engine.dialect.name == "sqlite":
            with readable_database_errors(engine):
                await database.submit(Transaction(release_all_leases))
        metrics = Metrics()
        await stack.enter_async_context(_doing(watch_loop(metrics, lambda: database.behind)))
        workers: list[Worker] = []
        if settings.role != "web":
            load_conversations()  # so that a mistake in them is told before anything else starts
            http = await stack.enter_async_context(make_http_client())
            watcher = await stack.enter_async_context(state_observer(settings, http))
            airtable_sync = make_airtable_sync(settings, database, http)
            workers = make_workers(
                settings,
                database,
                http,
                metrics,
                watcher=watcher,
                airtable_sync=airtable_sync,
            )
            if airtable_sync is not None:
                stack.callback(airtable_sync.close)
                await JobQueue(database).enqueue([NewJob(airtable_sync.lane, "console", {})])
            await stack.enter_async_context(_at_work(workers))
            await stack.enter_async_context(listen(engine.url, partial(_wake, workers)))
            await stack.enter_async_context(_doing(retain(database, settings.retention)))
        yield make_state(settings, database, workers, metrics)


def make_state(
    settings: Settings, database: GroupCommit, workers: list[Worker], metrics: Metrics
) -> AppState:
    """The controllers, over a running database."""

    async def backlog() -> Backlog:
        return await database.submit(
            Transaction(
                lambda connection, now: Backlog(
                    todo=count_jobs(connection, JobState.TODO),
                    dead=count_jobs(connection, JobState.DEAD),
                    lag=lag(connection, now, pools=pools),
                    unserved=count_unserved(connection, now, pools=pools),
                )
            )
        )

    async def migrated() -> bool:
        return await database.submit(
            Transaction(lambda connection, _: is_current(connection, newest))
        )

    async def console_state() -> Mapping[str, Any]:
        return await database.submit(
            Transaction(lambda connection, _: state_of(connection, airtable_sync))
        )

    async def console_health() -> str:
        if not settings.has_airtable:
            return "not configured"
        state = await console_state()
        return str(state.get("trouble") or "ok") if state else "not yet in touch"

    newest = newest_revision()
    pools = served_pools(settings)
    secret = settings.whatsapp_app_secret
    lanes = JobQueue(database, partial(_wake, workers))
    airtable_sync = lane_of(settings.airtable_base_id or "")
    webhooks = WebhookController(
        lanes,
        Identities(database),
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=metrics,
        reporters=(report, failures, *((messages.report,) if settings.shows_messages else ())),
    )
    airtable = (
        AirtableController(lanes, airtable_sync, console_state) if settings.has_airtable else None
    )
    health = HealthController(backlog, migrated, console_health, metrics)
    return AppState(webhooks, airtable, health, metrics)


def _wake(workers: list[Worker]) -> None:
    for worker in workers:
        worker.wake()


@asynccontextmanager
async def _at_work(workers: list[Worker]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GRACE.total_seconds()
        for worker in workers:  # conversations first: what they decide may still be sent
            await worker.stop(timedelta(seconds=max(0.0, deadline - loop.time())))
        await asyncio.gather(*tasks)


@asynccontextmanager
async def _doing(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that is done beside all else, until the end. That it failed is told at once."""
    task = asyncio.create_task(work)
    task.add_done_callback(_tell_of_failure)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tell_of_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        name = getattr(task.get_coro(), "__qualname__", "")
        logger.opt(exception=error).error("{} has stopped: restart this process", name)
