"""Runs the bot of one process: the same parts, whatever its role."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from app.composition.bot import Bot, build_bot
from app.composition.database import readable_database_errors, usable_engine
from app.runtime.background import running_beside
from app.runtime.observability import observed
from app.runtime.retention import retain, watch_loop
from app.runtime.state_observers import state_observers
from config.env import Settings
from controllers.health_controller import HealthController
from controllers.webhook_controller import WebhookController
from domain.health import Backlog
from jobs.lease import release_all_leases
from jobs.maintenance import count_jobs, count_unserved, lag
from jobs.model import JobState
from jobs.notifier import listen
from jobs.worker import Worker
from services.clients.http import make_http_client
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import is_current, newest_revision
from storage.people.identities import Identities
from storage.tables.deliveries import report
from utils.metrics import Metrics

#: Time that running jobs have to end before a stopping process gives them to others, in all.
GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that requests use; built once per process."""

    webhooks: WebhookController
    health: HealthController
    metrics: Metrics
    #: What the routes of features use, by name.
    of_features: Mapping[str, object] = field(default_factory=dict)

    def by_name(self) -> Mapping[str, Any]:
        """Return what a request finds in `request.state`."""
        core = {"webhooks": self.webhooks, "health": self.health, "metrics": self.metrics}
        return {**self.of_features, **core}


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Start everything that this process's role needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        engine = stack.enter_context(usable_engine(settings))
        database = GroupCommit(engine)
        stack.push_async_callback(database.close)
        if engine.dialect.name == "sqlite":
            with readable_database_errors(engine):
                await database.submit(Transaction(release_all_leases))
        metrics = Metrics()
        watching = watch_loop(metrics, lambda: database.behind)
        await stack.enter_async_context(running_beside(watching))
        http = await stack.enter_async_context(make_http_client())
        observers = await stack.enter_async_context(state_observers(settings, http))
        bot = build_bot(settings, database, http, metrics, state_observers=observers)
        workers: Sequence[Worker] = ()
        if settings.role != "web":
            workers = list(bot.make_workers().values())
            for feature in bot.features:
                await stack.enter_async_context(feature.running())
            await bot.parts.queue.enqueue(bot.first_jobs())
            await stack.enter_async_context(_at_work(workers))
            await stack.enter_async_context(listen(engine.url, bot.wake))
            purging = retain(database, settings.retention, bot.parts.kept_pools)
            await stack.enter_async_context(running_beside(purging))
        yield make_state(bot)


def make_state(bot: Bot) -> AppState:
    """Return the controllers, over a running database."""
    settings, database, pools = bot.settings, bot.parts.database, bot.pools
    observers = bot.parts.context.extensions.observers
    secret = settings.whatsapp_app_secret
    webhooks = WebhookController(
        bot.parts.queue,
        Identities(database),
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=bot.parts.metrics,
        reporters=(report, *(observer.statuses_reported for observer in observers)),
    )
    health = HealthController(
        lambda: _backlog(database, pools),
        partial(_is_migrated, database, newest_revision()),
        partial(_feature_health, bot),
        bot.parts.metrics,
    )
    added = {name: one for feature in bot.features for name, one in feature.request_state().items()}
    return AppState(webhooks, health, bot.parts.metrics, added)


async def _backlog(database: GroupCommit, pools: Sequence[str]) -> Backlog:
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


async def _is_migrated(database: GroupCommit, newest: str) -> bool:
    return await database.submit(Transaction(lambda connection, _: is_current(connection, newest)))


async def _feature_health(bot: Bot) -> Mapping[str, str]:
    lines: dict[str, str] = {}
    for feature in bot.features:
        lines |= await feature.health()
    return lines


@asynccontextmanager
async def _at_work(workers: Sequence[Worker]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GRACE.total_seconds()
        for worker in workers:  # conversations first: what they decide may still be sent
            await worker.stop(timedelta(seconds=max(0.0, deadline - loop.time())))
        await asyncio.gather(*tasks)
