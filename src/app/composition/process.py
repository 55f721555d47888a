"""Runs the bot of one process: the same parts, whatever its role."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx

from app.composition.app_state import AppState, make_state
from app.composition.bot import build_bot
from app.composition.database import open_database
from app.runtime.background import at_work, running_beside
from app.runtime.observability import observed
from app.runtime.retention import retain, watch_loop, watch_wal
from config.env import Settings
from controllers.load import Load
from domain.state_change import StateObserver
from jobs.notifier import listen
from jobs.presence import Presence
from jobs.sweeper import keep_awake
from services.clients.http import make_http_client
from storage.engine.wal import wal_bytes
from utils.metrics import Metrics


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Start everything that this process's role needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        database = await stack.enter_async_context(open_database(settings))
        metrics, load = Metrics(), Load()
        watching = watch_loop(metrics, lambda: database.behind, load)
        await stack.enter_async_context(running_beside(watching))
        wal = watch_wal(partial(wal_bytes, database.url))
        await stack.enter_async_context(running_beside(wal))
        http = await stack.enter_async_context(make_http_client())
        observers = await stack.enter_async_context(_state_observers(settings, http))
        bot = build_bot(settings, database, http, metrics, state_observers=observers)
        if settings.role != "web":
            workers = list(bot.make_workers().values())
            for feature in bot.features:
                await stack.enter_async_context(feature.running())
            await bot.parts.queue.enqueue(bot.first_jobs())
            presence = Presence(database, workers)
            await stack.enter_async_context(listen(database.url, bot.wake, presence))
            await stack.enter_async_context(at_work(workers))
            purging = retain(
                database,
                settings.retention,
                bot.parts.kept_pools,
                keep_dead=settings.dead_letter_retention,
            )
            await stack.enter_async_context(running_beside(purging))
            sweeping = keep_awake(database, metrics.sleeping_lanes.inc)
            await stack.enter_async_context(running_beside(sweeping))
        yield make_state(bot, load=load)


@asynccontextmanager
async def _state_observers(
    settings: Settings, http: httpx.AsyncClient
) -> AsyncIterator[Sequence[StateObserver]]:
    """Yield what is told of each state change; a server in production loads none of it."""
    if settings.environment != "development" and settings.steps_url is None:
        yield ()
        return
    from app.development.observers import state_observers

    async with state_observers(settings, http) as observers:
        yield observers
