"""Everything that is emulated, in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from emulator.airtable.app import airtable_routes, kept
from emulator.airtable.config import AirtableConfig
from emulator.airtable.workspace import Workspace
from emulator.browser_guard import BrowserGuard
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.openai.app import openai_routes
from emulator.openai.state import EmulatedOpenAI


def create_app(config: Config, airtable: AirtableConfig) -> Starlette:
    """Return the Cloud API, Airtable and a model in one app; the account is `app.state.account`."""
    cloud_api = create_emulator(config)
    account: Account = cloud_api.state.account
    account.people.add_demo_contacts()
    account.templates.add_demo_templates()
    workspace = Workspace(airtable, clock=account.clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with kept(workspace), cloud_api.router.lifespan_context(cloud_api):
            yield

    beside = [*airtable_routes(workspace), *openai_routes(EmulatedOpenAI())]
    guard = Middleware(BrowserGuard, hosts=config.allowed_hosts)
    app = Starlette(routes=[*beside, *cloud_api.routes], lifespan=lifespan, middleware=[guard])
    app.state.account = account
    return app
