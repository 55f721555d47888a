"""Operators see live calls in the inbox, and take them over in the browser."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from features.calls.feature import Calls
from features.calls.settings import CallSettings
from features.inbox.feature import InboxFeature
from features.operator_calls.passing import OperatorsOfCalls
from features.operator_calls.taking import TakenCalls
from services.feature import Feature, Parts
from utils.background import running_beside

if TYPE_CHECKING:
    from fastapi import APIRouter

#: The panel, from the address of the inbox.
SCRIPT = "calls/panel.js"


class OperatorCalls(Feature):
    """Lets operators talk in calls of people."""

    name = "operator_calls"
    summary = "operators see live calls in the inbox, and take them over in the browser"
    page = "docs/calls.md"
    needs = ("calls", "inbox")

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: CallSettings = parts.settings_of(CallSettings)
        self._calls, self._inbox = parts.feature(Calls), parts.feature(InboxFeature)
        #: Whether calls are on: another process may have the packages for audio.
        self._is_on = settings.calls_enabled
        self._ice_servers = settings.ice_servers
        self.operators = OperatorsOfCalls(parts.database, self._calls.desk.calls, parts.clock)
        if self._is_on:
            self._inbox.add_script(SCRIPT)
            self._calls.join_operators(self.operators)

    @classmethod
    def routers(cls) -> "Iterable[APIRouter]":
        from features.operator_calls import routes

        return (routes.router,)

    def request_state(self) -> Mapping[str, object]:
        taken = TakenCalls(
            self._inbox.acts(),
            self.parts.clock,
            self.operators.tell,
            is_on=self._is_on,
            ice_servers=self._ice_servers,
        )
        return {"operator_calls": taken}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Pass on what operators want to the calls of this process."""
        if not self._calls.takes_calls:
            yield
            return
        async with running_beside(self.operators.follow()):
            yield


FEATURE = OperatorCalls
