"""Everything that is emulated, in one process."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator.airtable.app import airtable_routes, kept
from emulator.airtable.config import AirtableConfig
from emulator.airtable.forgetting import forget
from emulator.airtable.workspace import Workspace
from emulator.browser_guard import BrowserGuard
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.openai.app import openai_routes
from emulator.openai.state import EmulatedOpenAI
from emulator.operator_api import note_operators, operator_routes
from emulator.state_folder import UNREADABLE, StateFolder
from emulator.state_folder import kept as saved


def create_app(config: Config, airtable: AirtableConfig) -> Starlette:
    """Return the Cloud API, Airtable and a model in one app; the account is `app.state.account`."""
    cloud_api, folder, is_kept = _cloud_api(config)
    account: Account = cloud_api.state.account
    if not is_kept:
        account.people.add_demo_contacts()
        account.templates.add_demo_templates()
    workspace = Workspace(airtable, clock=account.clock)
    account.on_forgotten = partial(forget, workspace.bases, airtable.base_id)
    note_operators(account, workspace)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(kept(workspace))
            await stack.enter_async_context(cloud_api.router.lifespan_context(cloud_api))
            if is_kept:
                account.resume()
            if folder is not None:
                await stack.enter_async_context(saved(folder, account.changes))
            yield

    openai = EmulatedOpenAI()
    openai.realtime.is_tonal = False
    operators = operator_routes(account, workspace)
    beside = [*airtable_routes(workspace), *openai_routes(openai), *operators]
    guard = Middleware(BrowserGuard, hosts=config.allowed_hosts)
    counter = Middleware(RequestCounter, account=account)
    app = Starlette(
        routes=[*beside, *cloud_api.routes], lifespan=lifespan, middleware=[guard, counter]
    )
    app.state.account, app.state.workspace = account, workspace
    return app


def _cloud_api(config: Config) -> tuple[Starlette, StateFolder | None, bool]:
    """Return the Cloud API, the folder of its state, and whether it has one of an earlier run."""
    cloud_api = create_emulator(config)
    if config.state_folder is None:
        return cloud_api, None, False
    folder = StateFolder(config.state_folder, cloud_api.state.account)
    try:
        return cloud_api, folder, folder.load()
    except UNREADABLE as error:
        aside = folder.set_aside()
        text = f"The emulator starts afresh: {aside} is of another version ({error}).\n"
        sys.stderr.write(text)
        cloud_api = create_emulator(config)
        return cloud_api, StateFolder(config.state_folder, cloud_api.state.account), False


class RequestCounter:
    """Counts the requests that may have changed the account."""

    def __init__(self, app: ASGIApp, account: Account) -> None:
        self._app = app
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            if scope.get("method", "GET") not in ("GET", "HEAD"):
                self._account.requests += 1
