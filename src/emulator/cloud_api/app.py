"""Puts an emulator together."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from emulator.cloud_api.config import Config
from emulator.cloud_api.http.account_api import account_routes
from emulator.cloud_api.http.call_api import call_routes
from emulator.cloud_api.http.control_api import control_routes
from emulator.cloud_api.http.docs_pages import docs_routes
from emulator.cloud_api.http.event_api import event_routes
from emulator.cloud_api.http.flow_pages import flow_routes
from emulator.cloud_api.http.graph_api import graph_routes
from emulator.cloud_api.http.inspector_api import inspector_routes
from emulator.cloud_api.http.phone_api import phone_routes
from emulator.cloud_api.http.story_api import story_routes
from emulator.cloud_api.http.studio_api import studio_routes
from emulator.cloud_api.http.trigger_api import trigger_routes
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.callback import HttpPoster
from emulator.cloud_api.state.webhooks import Poster, WebhookSender
from utils.background import running_beside
from utils.gc_tuning import tuned_gc

#: Seconds between checks of templates under review, and of calls that ring.
REVIEW_PAUSE = 1.0


def create_emulator(
    config: Config, *, poster: Poster | None = None, clock: Callable[[], float] = time.time
) -> Starlette:
    """The application; its account is `app.state.account`."""
    http = HttpPoster(config.callback_url, config.verify_token)
    listens = http.listens if poster is None else None
    webhooks = WebhookSender(config, poster or http, listens=listens)
    account = Account(config, webhooks, clock=clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with running_beside(_tell_reviews(account)):
            with tuned_gc():
                yield
        await account.callbacks.close()
        await http.close()

    routes = [
        *graph_routes(account),
        *control_routes(account),
        *account_routes(account),
        *phone_routes(account),
        *call_routes(account),
        *inspector_routes(account),
        *trigger_routes(account),
        *studio_routes(account),
        *flow_routes(account),
        *event_routes(account),
        *docs_routes(config),
        *story_routes(config),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.account = account
    return app


async def _tell_reviews(account: Account) -> None:
    while True:
        await asyncio.sleep(REVIEW_PAUSE)
        account.tell_reviews()
        account.calls.end_unanswered()
