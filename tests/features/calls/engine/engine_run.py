"""An engine in this process, whose clock the test moves, and phones that call it."""

import asyncio
import time
from pathlib import Path
from typing import TypeVar

from tests.features.calls.engine.phone import PythonPhone, tone

from features.calls.engine.main import Engine
from features.calls.engine.opus import OpusEncoder, write_recording
from features.calls.engine.speech import Files, Speaker
from features.calls.frame import Frame
from features.calls.protocol import (
    Accepted,
    Answer,
    Invitation,
    Invite,
    Line,
    Offer,
    Reply,
    Say,
)

FrameT = TypeVar("FrameT", bound=Frame)


class EngineRun:
    """An engine, and what it reported."""

    def __init__(self, voice: Path) -> None:
        self.reports: list[Frame] = []
        #: seconds that the clock of the engine is ahead of the real one
        self.ahead = 0.0
        self.voice = voice
        self.engine = Engine(self.reports.append, clock=self.clock, files=Files(voice))
        self.phones: list[PythonPhone] = []

    @property
    def speaker(self) -> Speaker:
        assert self.engine._services is not None
        return self.engine._services.speaker

    def clock(self) -> float:
        return time.monotonic() + self.ahead

    def of(self, kind: type[FrameT], call: str | None = None) -> list[FrameT]:
        """Return the reports of one kind, of one call or of all."""
        found = [one for one in self.reports if isinstance(one, kind)]
        return [one for one in found if call is None or getattr(one, "call", None) == call]

    async def told(self, kind: type[FrameT], call: str = "a", *, seconds: float = 5) -> FrameT:
        """Return the last report of a kind, once there is one."""
        async with asyncio.timeout(seconds):
            while not (found := self.of(kind, call)):
                self.engine.tick()
                await asyncio.sleep(0.005)
        return found[-1]

    async def connect(self, call: str = "a", *, loss: float = 0.0, seed: int = 1) -> PythonPhone:
        """Let a phone call, and be answered; the call is not accepted yet."""
        phone = PythonPhone(loss=loss, seed=seed)
        self.phones.append(phone)
        offer = Offer(call=call, sdp=await phone.dial(), language="en")
        await self.engine.handle(offer)
        await phone.connect((await self.told(Answer, call)).sdp)
        return phone

    async def invite(self, call: str = "a", *, setup: str = "active") -> PythonPhone:
        """Call a phone, which rings; `setup` is what Meta's answer says of DTLS."""
        phone = PythonPhone()
        self.phones.append(phone)
        await self.engine.handle(Invite(call=call, language="en"))
        answer = await phone.join((await self.told(Invitation, call)).sdp)
        reply = Reply(call=call, sdp=answer.replace("a=setup:active", f"a=setup:{setup}"))
        await self.engine.handle(reply)
        await phone.until_connected()
        return phone

    async def talk(self, call: str = "a", *, loss: float = 0.0, seed: int = 1) -> PythonPhone:
        """Let a phone call, and accept it."""
        phone = await self.connect(call, loss=loss, seed=seed)
        await self.engine.handle(Accepted(call=call))
        phone.talk()
        return phone

    def record(self, frequency: float, *, seconds: float = 3) -> Line:
        """Return a line whose recording is a tone."""
        key = f"tone_{frequency:.0f}"
        folder = self.voice / "recorded" / "en"
        folder.mkdir(parents=True, exist_ok=True)
        encoder = OpusEncoder()
        packets = encoder.encode(tone(frequency, seconds)) + encoder.finish()
        write_recording(folder / f"{key}.opus", packets)
        return Line(text=key, language="en", key=key)

    async def say(self, *lines: Line, call: str = "a", then_end: bool = False) -> None:
        await self.engine.handle(Say(call=call, lines=lines, then_end=then_end))
