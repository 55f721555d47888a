"""Puts the emulated Airtable together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.routing import BaseRoute, Mount

from emulator.airtable.grid_api import grid_routes
from emulator.airtable.web_api import web_routes
from emulator.airtable.workspace import Workspace
from utils.background import running_beside

#: Path of the Web API.
PREFIX = "/airtable-api"
#: Seconds between saves, and between pings.
SAVE_INTERVAL_SECONDS = 0.5
PING_TIMEOUT = aiohttp.ClientTimeout(total=10)


def airtable_routes(workspace: Workspace) -> list[BaseRoute]:
    """The Web API under `PREFIX`, and the grid under /airtable."""
    return [Mount(PREFIX, routes=web_routes(workspace)), *grid_routes(workspace)]


@asynccontextmanager
async def kept(workspace: Workspace) -> AsyncIterator[None]:
    """Saves what changed, and tells subscribers that something did."""
    try:
        async with running_beside(_keep(workspace)):
            yield
    finally:
        workspace.bases.save()


async def _keep(workspace: Workspace) -> None:
    async with aiohttp.ClientSession(timeout=PING_TIMEOUT) as session:
        while True:
            await asyncio.sleep(SAVE_INTERVAL_SECONDS)
            workspace.bases.save()
            await ping(workspace, session)


async def ping(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """Post what is due; Airtable tries again, this emulator does not: payloads wait anyway."""
    pings, workspace.webhooks.pings = workspace.webhooks.pings, []
    for url, body, headers in pings:
        try:
            async with session.post(url, data=body, headers=headers):
                pass
        except (OSError, aiohttp.ClientError, TimeoutError):
            continue
