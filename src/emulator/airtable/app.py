"""Puts the emulated Airtable together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.routing import BaseRoute, Mount

from emulator.airtable.grid_api import grid_routes
from emulator.airtable.web_api import web_routes
from emulator.airtable.workspace import Workspace

#: Where the Web API is, beside what else this process serves.
PREFIX = "/airtable-api"
#: Seconds between looks at what is to be saved, and whom to tell.
PAUSE = 0.5
PATIENCE = aiohttp.ClientTimeout(total=10)


def airtable_routes(workspace: Workspace) -> list[BaseRoute]:
    """The Web API under `PREFIX`, and the grid under /airtable."""
    return [Mount(PREFIX, routes=web_routes(workspace)), *grid_routes(workspace)]


@asynccontextmanager
async def kept(workspace: Workspace) -> AsyncIterator[None]:
    """Saves what changed, and tells subscribers that something did."""
    task = asyncio.create_task(_keep(workspace))
    try:
        yield
    finally:
        task.cancel()
        workspace.bases.save()


async def _keep(workspace: Workspace) -> None:
    async with aiohttp.ClientSession(timeout=PATIENCE) as session:
        while True:
            await asyncio.sleep(PAUSE)
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
