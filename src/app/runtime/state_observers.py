"""What watches conversations while the bot is developed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from app.runtime.background import running_beside
from app.runtime.dev_event_reporter import DevEventReporter
from config.env import Settings
from domain.state_change import StateObserver


@asynccontextmanager
async def state_observers(
    settings: Settings, http: httpx.AsyncClient
) -> AsyncIterator[Sequence[StateObserver]]:
    """Return the observers that the settings ask for; none outside development."""
    if settings.steps_url is None:
        yield ()
        return
    reporter = DevEventReporter(http, settings.steps_url)
    async with running_beside(reporter.run()):
        yield (reporter,)
