"""What HTTP requests use, in force now."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.composition.app_state import AppState
from app.reload.follower import following


class CurrentState:
    """Gives each request the parts of the newest bot; one under way keeps its own."""

    def __init__(self) -> None:
        self._by_name: Mapping[str, Any] = {}

    def use(self, state: AppState) -> None:
        """Give later requests these parts."""
        self._by_name = state.by_name()

    def install(self, app: FastAPI) -> None:
        """Have an application start a bot that follows its file, and use the parts in force.

        Call it last, as with other middleware.
        """
        app.state.start = partial(following, use_state=self.use)
        app.middleware_stack = self.around(app.middleware_stack or app.build_middleware_stack())

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return an application whose requests find the parts in force."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                scope.setdefault("state", {}).update(self._by_name)
            await app(scope, receive, send)

        return answer
