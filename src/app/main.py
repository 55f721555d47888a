"""The web application. `app.web` serves it, and so does `uvicorn app.main:app`."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.composition.features import find_features
from app.composition.process import running_bot
from app.runtime.bootstrap import START_ERRORS, open_log, settings_or_exit, tell_warnings
from config.env import Settings
from routes import health_routes, webhook_routes
from routes.webhook_middleware import install_webhook_middleware
from utils.gc_tuning import tuned_gc
from utils.logger import logger


def create_app(settings: Settings | None = None) -> FastAPI:
    """Web and worker in one process; with ROLE=web, it only stores what Meta sends."""
    if settings is None:
        settings = settings_or_exit()
        open_log(settings)
        tell_warnings(settings)
    configured = settings

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        try:
            start = getattr(app.state, "start", running_bot)
            async with start(configured) as state:
                with tuned_gc():
                    yield state.by_name()
        except START_ERRORS as error:
            sys.exit(str(error))
        except Exception as error:
            logger.opt(exception=error).error("the bot cannot start or stop")
            raise

    app = FastAPI(
        title="WhatsApp bot",
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # see app.runtime.observability
    )
    routers = [router for feature in find_features() for router in feature.routers()]
    for router in (webhook_routes.router, health_routes.router, *routers):
        app.include_router(router)
    install_webhook_middleware(app)
    if configured.bot_config is not None:
        from app.reload.current_state import CurrentState  # most processes have no such file

        CurrentState().install(app)
    return app


def __getattr__(name: str) -> FastAPI:
    """Make `app` when a server asks for it: to import this module reads no settings."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["app"] = made = create_app()
    return made
