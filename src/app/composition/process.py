"""Runs the bot of one process: the same parts, whatever its role."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.composition.app_state import AppState, make_state
from app.composition.bot import Bot, build_bot
from app.composition.database import open_database
from app.composition.development import developing
from app.runtime.observability import observed
from app.runtime.upkeep import at_work, listening, upkeep, watches
from config.env import Settings
from controllers.load import Load
from services.clients.http import make_http_client
from utils.background import running_beside
from utils.metrics import Metrics


@asynccontextmanager
async def at_work_on(bot: Bot) -> AsyncIterator[None]:
    """Run what the features of a bot need, and its workers, unless its role has none."""
    async with AsyncExitStack() as stack:
        for feature in bot.features:
            await stack.enter_async_context(feature.serving())
        if bot.settings.role == "web":
            yield
            return
        parts, workers = bot.parts, list(bot.make_workers().values())
        for feature in bot.served_features:
            await stack.enter_async_context(feature.running())
        await parts.queue.enqueue(bot.first_jobs())
        await stack.enter_async_context(listening(parts.database, workers, bot.wake))
        await stack.enter_async_context(at_work(workers))
        for keeping in upkeep(parts.database, bot.settings, parts.kept_pools, parts.metrics):
            await stack.enter_async_context(running_beside(keeping))
        yield


@asynccontextmanager
async def running_bot(settings: Settings) -> AsyncIterator[AppState]:
    """Start everything that this process's role needs; stop it in the reverse order."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        http = await stack.enter_async_context(make_http_client())
        development = await stack.enter_async_context(developing(settings, http))
        database = await stack.enter_async_context(open_database(settings, development.clock))
        metrics, load = Metrics(), Load()
        for watching in watches(database, metrics, load):
            await stack.enter_async_context(running_beside(watching))
        observers = development.observers
        bot = build_bot(settings, database, http, metrics, state_observers=observers)
        await stack.enter_async_context(development.beside(bot))
        bot.parts.whatsapp.use(bot.parts.whatsapp)
        state = make_state(bot, load=load)
        if any("hosting" in vars(type(one)) for one in bot.features):
            from app.composition.host import hosting  # most processes have one bot

            await stack.enter_async_context(hosting(bot, state.by_name(), http))
        await stack.enter_async_context(at_work_on(bot))
        yield state
