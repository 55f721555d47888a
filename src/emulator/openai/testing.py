"""The emulated OpenAI inside a test."""

from starlette.applications import Starlette

from emulator.loopback import LoopbackServer
from emulator.openai.app import PREFIX, openai_routes
from emulator.openai.state import EmulatedOpenAI


class OpenAIDouble:
    """A model that says what a test wants, on a port of this machine."""

    def __init__(self) -> None:
        self.state = EmulatedOpenAI()
        self.model, self.trouble = self.state.model, self.state.trouble
        self.dialect, self.realtime = self.state.dialect, self.state.realtime

    async def start(self) -> None:
        self._server = LoopbackServer(Starlette(routes=openai_routes(self.state)))
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    @property
    def url(self) -> str:
        return f"{self._server.url}{PREFIX}"
