"""An emulator on a port of this machine, for tests of clients that need a real server."""

import socket

import uvicorn
from starlette.applications import Starlette


class LoopbackServer:
    """Started and stopped within an event loop; `url` is known once it has started."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self.url = ""

    async def start(self) -> None:
        # With its protocol named, asyncio sends small answers at once (TCP_NODELAY).
        listening = socket.socket(proto=socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(self._app, log_config=None, access_log=False, lifespan="off")
        config.load()
        # Its `serve` looks ten times a second whether to stop: too slow for a test.
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._sockets = [listening]
        await self._server.startup(self._sockets)

    async def stop(self) -> None:
        await self._server.shutdown(self._sockets)
