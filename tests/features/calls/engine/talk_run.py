"""A call in which a model talks: phone, engine and an emulated OpenAI, over real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr
from tests.features.calls.engine.engine_run import EngineRun
from tests.features.calls.engine.phone import PythonPhone, until

from emulator.openai.realtime.server import RealtimeServer
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from features.calls.protocol import Configure
from features.calls.talker_frames import Converse, OpenAiAccess, TalkerKind


class Talk:
    """A call in which the model talks."""

    def __init__(self, run: EngineRun, openai: OpenAIDouble) -> None:
        self.run = run
        self.openai = openai

    async def begin(self, **given: object) -> PythonPhone:
        """Let a phone call, and have the model talk; returns once the session is set up."""
        phone = await self.run.talk()
        await self.converse(**given)
        await until(lambda: bool(self.openai.realtime.sessions) and self._is_set_up())
        return phone

    async def converse(self, **given: object) -> None:
        brief = {"call": "a", "talker": TalkerKind.REALTIME, "language": "en", **given}
        await self.run.engine.handle(Converse.model_validate(brief))

    @property
    def session(self) -> RealtimeServer:
        return self.openai.realtime.sessions[-1]

    def _is_set_up(self) -> bool:
        return any(one["type"] == "session.update" for one in self.session.taken)


@asynccontextmanager
async def talking(folder: Path, openai: OpenAIDouble) -> AsyncIterator[Talk]:
    """An engine with access to the emulated models; its phones hang up at the end."""
    run = EngineRun(folder)
    access = OpenAiAccess(
        api_key=SecretStr(KEY),
        base_url=openai.url,
        realtime_model="emulated",
        transcription_model="gpt-transcribe",
        speech_model="any",
        voice="marin",
    )
    await run.engine.handle(Configure(loopback=True, openai=access))
    yield Talk(run, openai)
    await asyncio.gather(*(phone.hang_up() for phone in run.phones))
    await run.engine.close()
