"""A bot whose number people call."""

from tests.fakes.bot import ANA, BotHarness

from emulator.cloud_api.state.voice_call import VoiceCall
from features.calls import rows
from features.calls.feature import Calls
from features.calls.tables import CallRow


class CallTown(BotHarness):
    """The bot of a test, and its calls."""

    @property
    def feature(self) -> Calls:
        return self.bot.parts.feature(Calls)

    async def settle(self) -> None:
        """Calls lead to jobs of conversations, which run before those of calls."""
        await super().settle()
        await super().settle()

    async def call(self, who: str = ANA) -> VoiceCall:
        """Somebody calls."""
        self._mark_seen(who)
        call: VoiceCall = self.account.calls.ring(self.person(who))
        await self.settle()
        return call

    async def hang_up(self, who: str = ANA) -> None:
        """Somebody ends their call."""
        self.account.calls.hang_up(self.person(who))
        await self.settle()

    def is_open(self, call: VoiceCall) -> bool:
        """Whether Meta still has the call."""
        return call.id in self.account.calls._open

    async def row(self, call: VoiceCall) -> CallRow:
        found = await self.database.reader.run(lambda c, _: rows.find(c, call.id))
        assert found is not None
        return found

    async def talk(self) -> None:
        """Let the calls go on until they wait for something."""
        for _ in range(3):
            await self.idle()
            await self.settle()

    async def idle(self) -> None:
        import asyncio

        for _ in range(200):
            await asyncio.sleep(0)
