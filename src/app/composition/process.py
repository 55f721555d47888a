"""Runs the bot of one process: the same parts, whatever its role."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.composition.app_state import AppState, make_state
from app.composition.bot import build_bot
from app.composition.database import open_database
from app.composition.observers import observing
from app.runtime.background import at_work, running_beside
from app.runtime.observability import observed
from app.runtime.upkeep import listening, upkeep, watches
from config.env import Settings
from controllers.load import Load
from services.clients.http import make_http_client
from utils.metrics import Metrics


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Start everything that this process's role needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        database = await stack.enter_async_context(open_database(settings))
        metrics, load = Metrics(), Load()
        for watching in watches(database, metrics, load):
            await stack.enter_async_context(running_beside(watching))
        http = await stack.enter_async_context(make_http_client())
        observers = await stack.enter_async_context(observing(settings, http))
        bot = build_bot(settings, database, http, metrics, state_observers=observers)
        for feature in bot.features:
            await stack.enter_async_context(feature.serving())
        if settings.role != "web":
            workers = list(bot.make_workers().values())
            for feature in bot.features:
                await stack.enter_async_context(feature.running())
            await bot.parts.queue.enqueue(bot.first_jobs())
            await stack.enter_async_context(listening(database, workers, bot.wake))
            await stack.enter_async_context(at_work(workers))
            for keeping in upkeep(database, settings, bot.parts.kept_pools, metrics):
                await stack.enter_async_context(running_beside(keeping))
        yield make_state(bot, load=load)
