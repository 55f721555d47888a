"""Runs a bot for each business, and starts it again when its settings have changed."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from features.tenants.routing import Store
from features.tenants.views import TenantView
from services.host import BotError, Host

#: Pause before a bot that could not start, or has failed, is started again, in seconds.
RETRY_SECONDS = 15.0


@dataclass(slots=True)
class RunningBot:
    """The bot of a business."""

    view: TenantView
    task: "asyncio.Task[None]"
    #: What HTTP requests find; None while it does not run.
    state: Mapping[str, Any] | None = None
    #: Why it does not run; empty if it does, or is starting.
    problem: str = ""
    has_tried: asyncio.Event = field(default_factory=asyncio.Event)


class TenantBots:
    """The bots of all businesses. What is wrong with one does not concern the others."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._running: dict[str, RunningBot] = {}

    def state_of(self, tenant: str) -> Mapping[str, Any] | None:
        """Return what HTTP requests to a business find; None while its bot does not run."""
        running = self._running.get(tenant)
        return running.state if running else None

    def store_of(self, tenant: str) -> Store | None:
        """Return what stores the webhooks of a business; None while its bot does not run."""
        state = self.state_of(tenant)
        return None if state is None else state["webhooks"].store.store

    def knows(self, tenant: str) -> bool:
        """Return whether a business has a bot, running or not."""
        return tenant in self._running

    def problems(self) -> Mapping[str, str]:
        """Return why bots do not run, by their business."""
        return {id_: one.problem for id_, one in self._running.items() if one.problem}

    async def run_only(self, views: Iterable[TenantView]) -> None:
        """Run the bots of these businesses, with these settings; stop all others."""
        wanted = {one.id: one for one in views}
        outdated = [
            id_
            for id_, running in self._running.items()
            if (view := wanted.get(id_)) is None
            or view.needs_restart_for != running.view.needs_restart_for
        ]
        await asyncio.gather(*map(self._stop, outdated))
        for id_, view in wanted.items():
            if id_ not in self._running:
                self._start(view)
            self._running[id_].view = view
            self._tell_numbers(self._running[id_])

    async def stop(self) -> None:
        """Stop all bots, side by side."""
        await asyncio.gather(*(self._stop(id_) for id_ in list(self._running)))

    async def settled(self) -> None:
        """Wait until each bot runs, or has failed to start."""
        await asyncio.gather(*(one.has_tried.wait() for one in self._running.values()))

    def _start(self, view: TenantView) -> None:
        task = asyncio.create_task(self._keep_running(view.id), name=f"bot of {view.id}")
        self._running[view.id] = RunningBot(view, task)

    async def _stop(self, id_: str) -> None:
        running = self._running.pop(id_)
        running.task.cancel()
        await asyncio.gather(running.task, return_exceptions=True)

    async def _keep_running(self, id_: str) -> None:
        running = self._running[id_]
        with logger.contextualize(tenant=id_):
            while True:
                try:
                    await self._run(running)
                except BotError as error:
                    running.problem = str(error)
                    logger.error("the bot of a business does not start: {}", error)
                except Exception as error:  # noqa: BLE001 - it must not end the other bots
                    running.problem = f"{type(error).__name__}: see the log"
                    logger.opt(exception=error).error("the bot of a business has failed")
                finally:
                    running.state = None
                    running.has_tried.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _run(self, running: RunningBot) -> None:
        async with AsyncExitStack() as stack:
            bot = self._host.run_bot(running.view.id, running.view.given)
            running.state = await stack.enter_async_context(bot)
            running.problem = ""
            self._tell_numbers(running)
            running.has_tried.set()
            logger.info("the bot of a business runs")
            await asyncio.Event().wait()  # until it is cancelled

    def _tell_numbers(self, running: RunningBot) -> None:
        if running.state is not None:
            running.state["webhooks"].store.numbers.replace(running.view.numbers)
