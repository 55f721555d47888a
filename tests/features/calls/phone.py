"""A bot whose number people call."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
from tests.fakes.bot import ANA, BotHarness
from tests.features.calls.fake_engine import FakeEngine

from emulator.cloud_api.state.voice_call import VoiceCall
from features.calls import rows
from features.calls.feature import Calls
from features.calls.protocol import Digit
from features.calls.tables import CallRow


class CallTown(BotHarness):
    """The bot of a test, and its calls."""

    def __init__(self, folder: Path, engine: FakeEngine | None = None, **settings: Any) -> None:
        super().__init__(folder, **{"calls_enabled": engine is not None} | settings)
        self.engine = engine

    async def start(self) -> None:
        await super().start()
        if self.engine is not None:
            self.feature.use_engine(self.engine)

    async def restart_with(self, way: httpx.AsyncBaseTransport) -> None:
        """Start again, with another way to Meta."""
        self.meta = way
        await self.restart()

    @property
    def feature(self) -> Calls:
        return self.bot.parts.feature(Calls)

    async def settle(self) -> None:
        """Calls lead to jobs of conversations, which run before those of calls."""
        for _ in range(2):
            await super().settle()
            await self.pause()

    async def pause(self) -> None:
        """Let the calls go on until they wait for something."""
        for _ in range(100_000):
            carried = self.feature.desk.calls._tasks.values()
            if all(_waits(one.events.queue) for one in carried):
                return
            await asyncio.sleep(0)
        raise AssertionError("a call waits for nothing, and does not go on")

    async def call(self, who: str = ANA) -> VoiceCall:
        """Somebody calls."""
        self._mark_seen(who)
        call: VoiceCall = self.account.calls.ring(self.person(who))
        await self.settle()
        return call

    async def call_again(self, first: VoiceCall) -> VoiceCall:
        """Somebody calls from a second phone while their first call goes on."""
        del self.account.calls._open[first.id]
        second: VoiceCall = self.account.calls.ring(first.person)
        self.account.calls._open[first.id] = first
        await self.settle()
        return second

    async def hang_up(self, who: str = ANA) -> None:
        """Somebody ends their call."""
        self.account.calls.hang_up(self.person(who))
        await self.settle()

    async def press(self, call: VoiceCall, digit: str, who: str = ANA) -> list[str]:
        """Somebody presses a key; returns what the chat shows then."""
        assert self.engine is not None
        self._mark_seen(who)
        self.engine.tell(Digit(call=call.id, digit=digit))
        await self.settle()
        return self.replies(who)

    def is_open(self, call: VoiceCall) -> bool:
        """Whether Meta still has the call."""
        return call.id in self.account.calls._open

    async def row(self, call: VoiceCall) -> CallRow:
        found = await self.found(call)
        assert found is not None
        return found

    async def found(self, call: VoiceCall) -> CallRow | None:
        """Return the row of a call, if there is one yet."""
        return await self.database.reader.run(lambda c, _: rows.find(c, call.id))


def _waits(queue: "asyncio.Queue[Any]") -> bool:
    """Whether somebody waits for what a queue does not have yet."""
    return queue.empty() and any(not one.done() for one in queue._getters)  # type: ignore[attr-defined]
