"""Everything that is emulated, in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from emulator.airtable.app import airtable_routes, kept
from emulator.airtable.config import AirtableConfig
from emulator.airtable.workspace import Workspace
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config


def create_app(config: Config, airtable: AirtableConfig) -> Starlette:
    """WhatsApp's Cloud API, and Airtable beside it."""
    cloud_api = create_emulator(config)
    workspace = Workspace(airtable, clock=cloud_api.state.account.clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with kept(workspace), cloud_api.router.lifespan_context(cloud_api):
            yield

    return Starlette(routes=[*airtable_routes(workspace), *cloud_api.routes], lifespan=lifespan)
