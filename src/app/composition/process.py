"""Runs the bot of one process: the same parts, whatever its role."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.composition.app_state import AppState, make_state
from app.composition.bot import build_bot
from app.composition.database import open_database
from app.runtime.at_work import at_work
from app.runtime.background import running_beside
from app.runtime.dev_observers import state_observers
from app.runtime.observability import observed
from app.runtime.retention import retain, watch_loop
from config.env import Settings
from jobs.notifier import listen
from services.clients.http import make_http_client
from utils.metrics import Metrics


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Start everything that this process's role needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        database = await stack.enter_async_context(open_database(settings))
        metrics = Metrics()
        watching = watch_loop(metrics, lambda: database.behind)
        await stack.enter_async_context(running_beside(watching))
        http = await stack.enter_async_context(make_http_client())
        observers = await stack.enter_async_context(state_observers(settings, http))
        bot = build_bot(settings, database, http, metrics, state_observers=observers)
        if settings.role != "web":
            workers = list(bot.make_workers().values())
            for feature in bot.features:
                await stack.enter_async_context(feature.running())
            await bot.parts.queue.enqueue(bot.first_jobs())
            await stack.enter_async_context(at_work(workers))
            await stack.enter_async_context(listen(database.url, bot.wake))
            purging = retain(database, settings.retention, bot.parts.kept_pools)
            await stack.enter_async_context(running_beside(purging))
        yield make_state(bot)
