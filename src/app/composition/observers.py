"""Observers of the state of conversations, which only development has."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from config.env import Settings
from domain.state_change import StateObserver


@asynccontextmanager
async def observing(
    settings: Settings, http: httpx.AsyncClient
) -> AsyncIterator[Sequence[StateObserver]]:
    """Yield the observers of state changes; a server in production loads none of their code."""
    if settings.environment != "development" and settings.steps_url is None:
        yield ()
        return
    from app.development.observers import state_observers

    async with state_observers(settings, http) as observers:
        yield observers
