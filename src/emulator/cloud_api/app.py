"""Puts an emulator together."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from emulator.cloud_api.account import Account
from emulator.cloud_api.config import Config
from emulator.cloud_api.control_api import control_routes
from emulator.cloud_api.graph_api import graph_routes
from emulator.cloud_api.inspector_api import inspector_routes
from emulator.cloud_api.phone_api import phone_routes
from emulator.cloud_api.trigger_api import trigger_routes
from emulator.cloud_api.webhooks import HttpPoster, Poster, Webhooks

#: Seconds between looks at the templates under review.
REVIEW_PAUSE = 1.0


def create_emulator(
    config: Config, *, poster: Poster | None = None, clock: Callable[[], float] = time.time
) -> Starlette:
    """The application; its account is `app.state.account`."""
    http = HttpPoster(config.callback_url, config.verify_token)
    account = Account(config, Webhooks(config, poster or http), clock=clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        gc.freeze()  # what start-up made stays: no need to look through it again and again
        usual = gc.get_threshold()
        gc.set_threshold(100_000, 20, 20)  # nor so often through the conversations that are kept
        reviewing = asyncio.create_task(_tell_reviews(account))
        yield
        reviewing.cancel()
        gc.set_threshold(*usual)
        gc.unfreeze()
        await http.close()

    routes = [
        *graph_routes(account),
        *control_routes(account),
        *phone_routes(account),
        *inspector_routes(account),
        *trigger_routes(account),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.account = account
    return app


async def _tell_reviews(account: Account) -> None:
    while True:
        await asyncio.sleep(REVIEW_PAUSE)
        account.tell_reviews()
