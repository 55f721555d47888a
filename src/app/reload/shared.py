"""What the bots of a process share, one after the other, and how each of them runs."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx

from app.composition.bot import Bot, build_bot
from app.composition.database import open_database
from app.composition.development import Development, developing
from app.composition.process import at_work_on
from app.runtime.observability import observed
from app.runtime.upkeep import watches
from config.env import Settings
from controllers.load import Load
from services.clients.http import make_http_client
from storage.engine.group_commit import GroupCommit
from utils.background import running_beside
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Shared:
    """What stays when another bot takes over."""

    database: GroupCommit
    http: httpx.AsyncClient
    development: Development
    load: Load = field(default_factory=Load)
    #: They go on counting.
    metrics: Metrics = field(default_factory=Metrics)
    process: str = field(default_factory=lambda: secrets.token_hex(8))

    def build(self, settings: Settings) -> Bot:
        """Return a bot that does not run yet. It reads all flows and texts."""
        return build_bot(
            settings,
            self.database,
            self.http,
            self.metrics,
            state_observers=self.development.observers,
            process=self.process,
        )

    @asynccontextmanager
    async def at_work(self, bot: Bot) -> AsyncIterator[None]:
        """Run a bot with all that its process does beside it."""
        async with AsyncExitStack() as stack:
            for watching in watches(self.database, bot.parts.metrics, self.load):
                await stack.enter_async_context(running_beside(watching))
            bot.parts.whatsapp.use(bot.parts.whatsapp)
            await stack.enter_async_context(self.development.beside(bot))
            await stack.enter_async_context(at_work_on(bot))
            yield


@asynccontextmanager
async def sharing(settings: Settings) -> AsyncIterator[Shared]:
    """Open what all bots of the process share."""
    async with AsyncExitStack() as stack:
        stack.enter_context(observed(settings.sentry_dsn))
        http = await stack.enter_async_context(make_http_client())
        development = await stack.enter_async_context(developing(settings, http))
        database = await stack.enter_async_context(open_database(settings, development.clock))
        yield Shared(database, http, development)
