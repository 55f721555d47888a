"""The engine of `WhatsAppClient`: it starts with the first call."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from loguru import logger

from features.calls.engine_port import Engine
from features.calls.protocol import Configure

#: Longest start of the engine, in seconds: the call rings meanwhile.
START_SECONDS = 20.0


class ManagedEngine(Engine, Protocol):
    """An engine that is started here, and whose settings change."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Keep it running until the end of the block."""
        ...

    async def until_ready(self) -> None:
        """Wait until it can take calls."""
        ...

    def configure(self, settings: Configure) -> None:
        """Use other settings for later calls."""
        ...


class EngineStarter:
    """Starts an engine when it is needed, and ends it."""

    def __init__(
        self, settings: Configure, make_engine: Callable[[Configure], ManagedEngine]
    ) -> None:
        self._settings = settings
        self.engine = make_engine(settings)
        self._running: asyncio.Task[None] | None = None

    def use_ice_servers(self, ice_servers: tuple[str, ...]) -> None:
        """Use other STUN servers for later calls."""
        self._settings = self._settings.model_copy(update={"ice_servers": ice_servers})
        self.engine.configure(self._settings)

    async def start(self) -> bool:
        """Start the engine, if it does not run. Return whether it can take calls."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.engine.until_ready()
        except TimeoutError:
            logger.error("the engine of calls does not start: see `watch.py calls check`")
            return False
        return True

    async def close(self) -> None:
        """End the engine."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        async with self.engine.running():
            await asyncio.Event().wait()


def addresses_of(ice_servers: Iterable[Any] | None) -> tuple[str, ...]:
    """Return the addresses of STUN servers, of texts or of objects with `urls`.

    Raises:
        ValueError: for a server with a name and a password.
    """
    found: list[str] = []
    for server in ice_servers or ():
        if getattr(server, "username", None) or getattr(server, "credential", None):
            raise ValueError("ICE servers with a name and a password are not supported")
        urls = getattr(server, "urls", server)
        found += [urls] if isinstance(urls, str) else urls
    return tuple(found)
