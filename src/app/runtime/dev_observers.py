"""The observers of the bot's work that its settings ask for: a terminal, the emulator."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from app.runtime.dev_console import DevConsole
from app.runtime.dev_error_listener import reported_errors
from app.runtime.dev_event_reporter import DevEventReporter
from config.env import Settings
from domain.state_change import StateChange, StateObserver


@asynccontextmanager
async def state_observer(
    settings: Settings, http: httpx.AsyncClient
) -> AsyncIterator[StateObserver | None]:
    """Yield what is told each state change; None where nobody asks."""
    in_development = settings.environment == "development"
    observers: list[StateObserver] = [DevConsole()] if in_development else []
    async with AsyncExitStack() as stack:
        if settings.steps_url is not None:
            reporter = DevEventReporter(http, settings.steps_url)
            await stack.enter_async_context(_running(reporter))
            observers.append(reporter)
            if in_development:  # the texts of errors may quote what a person wrote
                stack.enter_context(reported_errors(reporter.report_error))
        yield _all(observers) if observers else None


@asynccontextmanager
async def _running(reporter: DevEventReporter) -> AsyncIterator[None]:
    task = asyncio.create_task(reporter.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _all(observers: Sequence[StateObserver]) -> StateObserver:
    def observe(change: StateChange) -> None:
        for observer in observers:
            observer(change)

    return observe
