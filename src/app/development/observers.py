"""The observers of the bot's work that its settings ask for: a terminal, the emulator."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from app.development.console import DevConsole
from app.development.error_listener import reported_errors
from app.development.event_reporter import DevEventReporter
from config.env import Settings
from domain.state_change import StateObserver
from utils.background import running_beside


@asynccontextmanager
async def state_observers(
    settings: Settings, http: httpx.AsyncClient
) -> AsyncIterator[Sequence[StateObserver]]:
    """Yield what is told of each state change; nothing outside development."""
    in_development = settings.environment == "development"
    observers: list[StateObserver] = [DevConsole()] if in_development else []
    async with AsyncExitStack() as stack:
        if settings.steps_url is not None:
            reporter = DevEventReporter(http, settings.steps_url)
            await stack.enter_async_context(running_beside(reporter.run()))
            observers.append(reporter)
            if in_development:  # the texts of errors may quote what a person wrote
                stack.enter_context(reported_errors(reporter.report_error))
        yield observers
