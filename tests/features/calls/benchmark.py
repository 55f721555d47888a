"""Voice calls: how fast they are answered, what they cost, and whether keys and speech arrive.

The engine is a process of its own. The phones run in this one, and their work is not counted.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.dev_server import DevServer
from tests.features.calls.beside_chats import beside_chats
from tests.features.calls.engine.phone import DIGITS, PythonPhone, noise, tone, until

from features.calls import protocol
from features.calls.frame import Frame
from features.calls.framing import encode, read_report
from features.calls.leg_frames import Join, LegAnswer, LegUp
from features.calls.protocol import (
    Accepted,
    Answer,
    Beat,
    Configure,
    Connected,
    Digit,
    End,
    Ended,
    Line,
    Offer,
    Ready,
    Say,
)

SOURCE = Path(__file__).parents[3] / "src"
GREETING = Line(
    text="Hello! You are speaking with our automatic assistant. "
    "What you choose, I will send you in this chat.",
    language="en",
)
LONG = (GREETING,) * 12
#: Calls at the same time, seconds of measuring, and calls one after another.
CALLS, SECONDS, IN_A_ROW = 10, 5.0, 200
#: Seconds of sound that pass from one phone to another.
PASSED_SECONDS = 20.0
#: Calls of phones, at the emulator.
CALLS_PATH = "/emulator/phone/calls"
FrameT = TypeVar("FrameT", bound=Frame)


class Child:
    """The engine, and when it reported what."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.usage = psutil.Process(process.pid)
        self.reports: list[tuple[float, protocol.Report]] = []

    def send(self, frame: Frame) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(encode(frame))

    async def read(self) -> None:
        assert self._process.stdout is not None
        while (report := await read_report(self._process.stdout)) is not None:
            self.reports.append((time.monotonic(), report))

    def of(self, kind: type[FrameT], call: str | None = None) -> list[tuple[float, FrameT]]:
        return [
            (at, one)
            for at, one in self.reports
            if isinstance(one, kind) and (call is None or getattr(one, "call", None) == call)
        ]

    async def told(self, kind: type[FrameT], call: str | None = None) -> tuple[float, FrameT]:
        await until(lambda: bool(self.of(kind, call)), seconds=20)
        return self.of(kind, call)[-1]

    async def connect(self, call: str, **given: float) -> tuple[PythonPhone, float, float]:
        """Return a phone that is connected, and the seconds until the answer and until then."""
        phone = PythonPhone(loss=given.get("loss", 0.0))
        sdp = await phone.dial()
        began = time.monotonic()
        self.send(Offer(call=call, sdp=sdp, language="en"))
        answered, answer = await self.told(Answer, call)
        await phone.connect(answer.sdp)
        connected, _ = await self.told(Connected, call)
        return phone, answered - began, connected - began

    async def join(self, call: str) -> PythonPhone:
        """Return the phone of an operator who has joined a call."""
        operator = PythonPhone()
        await operator.dial()
        self.send(Join(call=call, leg=call, sdp=operator.offer))
        _, answer = await self.told(LegAnswer, call)
        await operator.connect(answer.sdp, as_browser=True)
        await self.told(LegUp, call)
        return operator


@asynccontextmanager
async def engine() -> AsyncIterator[Child]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "features.calls.engine"),
        stdin=pipe,
        stdout=pipe,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    child = Child(process)
    reading = asyncio.create_task(child.read())
    child.send(Configure(loopback=True))
    await child.told(Ready)
    yield child
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()
    await reading


async def one_call(child: Child, section: Section) -> None:
    """times of a single call, over ten calls one after another."""
    answers, connects, firsts, stops = [], [], [], []
    early = 0
    for number in range(10):
        call = f"one{number}"
        phone, answered, connected = await child.connect(call)
        answers.append(answered)
        connects.append(connected)
        phone.talk()
        child.send(Say(call=call, lines=LONG))
        await asyncio.sleep(0.2)
        early += len(phone.frames)
        accepted = time.monotonic()
        child.send(Accepted(call=call))
        await until(lambda: phone.first_sound() is not None)  # noqa: B023
        first = phone.first_sound()
        assert first is not None
        firsts.append(first - accepted)
        await asyncio.sleep(0.5)
        pressed, before = time.monotonic(), len(phone.frames)
        phone.talk(keys="5")
        await asyncio.sleep(0.4)
        sound = [at for at, is_sound in phone.frames[before:] if is_sound]
        stops.append(max(sound, default=pressed) + 0.02 - pressed)
        child.send(End(call=call))
        await child.told(Ended, call)
        await phone.hang_up()
    show(section, "offer -> answer", answers)
    show(section, "offer -> connected", connects)
    show(section, "accepted -> first sound at the phone", firsts)
    show(section, "key -> silence at the phone", stops)
    section.add(Figure("packets of audio before accepted", note=str(early)))


async def echo(child: Child, section: Section) -> None:
    """the speech of the bot under loss, and keys under loss."""
    for loss in (0.0, 0.03):
        call = f"loss{loss}"
        phone, _, _ = await child.connect(call, loss=loss)
        child.send(Accepted(call=call))
        child.send(Say(call=call, lines=LONG))
        phone.talk(tone(440.0, 3))
        await asyncio.sleep(3)
        times = [at for at, _ in phone.frames][5:]
        gaps = [after - before for before, after in pairwise(times)]
        phone.talk(keys=DIGITS)
        await asyncio.sleep(2)
        keys = "".join(one.digit for _, one in child.of(Digit, call))
        worst = 1000 * max(gaps)
        heard = "exact" if keys == DIGITS else keys
        child.send(End(call=call))
        _, ended = await child.told(Ended, call)
        await asyncio.sleep(2)
        beats = [one for _, one in child.of(Beat)]
        frames, lost = sum(one.frames for one in beats), sum(one.lost_frames for one in beats)
        child.reports.clear()
        note = f"longest gap {worst:.0f} ms, keys {heard}, heard {ended.heard_seconds:.2f} of 3 s, "
        note += f"{lost} of {frames} frames concealed"
        section.add(Figure(f"{loss:.0%} of packets lost", note=note))
        await phone.hang_up()


class Way:
    """Packets from one phone to another, which keep their bytes: nothing decodes them."""

    def __init__(self, one: PythonPhone, other: PythonPhone) -> None:
        self.sent: dict[bytes, float] = {}
        self.received: dict[bytes, float] = {}
        one.on_sent, other.on_received = partial(_note, self.sent), partial(_note, self.received)

    def delays(self) -> list[float]:
        """Return the seconds of each packet on its way."""
        return [at - self.sent[one] for one, at in self.received.items() if one in self.sent]

    def longest_gap(self) -> float:
        """Return the longest time between two packets that arrived, in seconds."""
        times = [at for one, at in self.received.items() if one in self.sent]
        return max(after - before for before, after in pairwise(times))


def _note(times: dict[bytes, float], payload: bytes) -> None:
    times.setdefault(payload, time.monotonic())


async def one_way(child: Child, section: Section) -> None:
    """how long sound takes through the engine: from a caller to an operator, and back."""
    for loss in (0.0, 0.03):
        call = f"way{loss}"
        caller, _, _ = await child.connect(call, loss=loss)
        child.send(Accepted(call=call))
        caller.talk()
        operator = await child.join(call)
        there, back = Way(caller, operator), Way(operator, caller)
        caller.talk(noise(PASSED_SECONDS))
        operator.talk(noise(PASSED_SECONDS, seed=2))
        await asyncio.sleep(PASSED_SECONDS + 0.5)
        for name, way in (("caller -> operator", there), ("operator -> caller", back)):
            show(section, f"{name}, {loss:.0%} of packets lost", way.delays())
            concealed = len(way.sent) - len(way.delays())
            note = f"{concealed} of {len(way.sent)} packets concealed"
            gap = f"longest gap {1000 * way.longest_gap():.0f} ms"
            section.add(Figure("", note=f"{note}, {gap}"))
        child.send(End(call=call))
        await child.told(Ended, call)
        await caller.hang_up()
        await operator.hang_up()


async def ten_calls(child: Child, section: Section) -> None:
    """the processor, memory and punctuality with ten calls."""
    phones = []
    for number in range(CALLS):
        phone, _, _ = await child.connect(f"ten{number}")
        phones.append(phone)
        child.send(Accepted(call=f"ten{number}"))
        child.send(Say(call=f"ten{number}", lines=LONG))
        phone.talk(tone(300.0 + 20 * number, 10))
    await asyncio.sleep(1)
    child.reports.clear()
    child.usage.cpu_percent()
    await asyncio.sleep(SECONDS)
    percent = child.usage.cpu_percent()
    beats = [one for _, one in child.of(Beat)]
    frames, late = sum(one.frames for one in beats), sum(one.late_frames for one in beats)
    memory = child.usage.memory_info().rss / 2**20
    on_time = f"{1 - late / frames:.2%} of packets on time"
    note = f"{percent / CALLS:.1f}% of a core each, {memory:.0f} MB, {on_time}"
    section.add(Figure(f"{CALLS} calls at once", note=note))
    for number, phone in enumerate(phones):
        child.send(End(call=f"ten{number}"))
        await phone.hang_up()


async def many_calls(child: Child, section: Section, in_a_row: int) -> None:
    """nothing is left of calls."""

    async def some(count: int, name: str) -> None:
        for number in range(count):
            phone, _, _ = await child.connect(f"{name}{number}")
            child.send(Accepted(call=f"{name}{number}"))
            phone.talk()
            await asyncio.sleep(0.02)
            child.send(End(call=f"{name}{number}"))
            await child.told(Ended, f"{name}{number}")
            await phone.hang_up()
            child.reports.clear()

    await some(20, "warm")
    before, files = child.usage.memory_info().rss, child.usage.num_fds()
    await some(in_a_row, "row")
    await asyncio.sleep(1)
    grown = (child.usage.memory_info().rss - before) / 2**20
    more = child.usage.num_fds() - files
    note = f"{grown:+.1f} MB, {more:+d} open files"
    section.add(Figure(f"{in_a_row} calls in a row", note=note))


async def whole_bot(section: Section) -> None:
    """a bot, an engine and an emulator as processes; people call in turn."""
    os.environ["CALLS_ENABLED"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        server = DevServer(Path(folder))
        try:
            server.wait_for_emulator()
            server.wait_until(lambda: "calls are answered" in server.log.read_text())
            async with httpx.AsyncClient(base_url=server.emulator_url) as http:
                firsts = [await _through_the_bot(http, f"4915110{n:06}") for n in range(20)]
                violations = (await http.get(CALLS_PATH)).json()["violations"]
            traffic = [one for one in server.exchanges() if one["kind"] in ("webhook", "graph")]
        finally:
            server.close()
    began = {wa_id: at for at, name, wa_id in _steps(traffic) if name == "connect"}
    for action in ("pre_accept", "accept"):
        times = [at - began[wa_id] for at, name, wa_id in _steps(traffic) if name == action]
        show(section, f"webhook -> {action}", times)
    show(section, "accepted -> first sound at the phone, whole bot", firsts)
    section.add(Figure("violations of Meta's rules", note=str(len(violations))))


async def _through_the_bot(http: httpx.AsyncClient, wa_id: str) -> float:
    """Call as a person; return the seconds from the answer until the voice is heard."""
    phone = PythonPhone()
    await phone.dial()
    dialled = await http.post(CALLS_PATH, json={"from": wa_id, "sdp": phone.offer})
    call, connecting = dialled.json()["id"], None
    accepted = 0.0
    while not accepted:
        shown = (await http.get(f"{CALLS_PATH}/{call}")).json()
        if "sdp" in shown and connecting is None:
            connecting = asyncio.create_task(phone.connect(shown["sdp"], as_browser=True))
        if shown["state"] == "talking":
            accepted = time.monotonic()
        await asyncio.sleep(0.005)
    phone.talk()
    await until(lambda: phone.first_sound() is not None)
    await http.post(f"{CALLS_PATH}/{call}/hang-up", json={})
    await phone.hang_up()
    first = phone.first_sound()
    assert first is not None
    return first - accepted


def _steps(traffic: list[dict[str, Any]]) -> Iterator[tuple[float, str, str]]:
    """Yield when each step of each call began, its name and its call."""
    for one in traffic:
        began, asked = one["at"] - one["milliseconds"] / 1000, one["request"]
        if isinstance(asked, dict) and asked.get("action"):
            yield began, asked["action"], asked["call_id"]
        for entry in asked.get("entry", []) if isinstance(asked, dict) else []:
            for change in entry["changes"]:
                for call in change["value"].get("calls", []):
                    yield began, call["event"], call["id"]


def show(section: Section, what: str, seconds: list[float]) -> None:
    """Add a row of latencies."""
    times = sorted(1000 * one for one in seconds)
    p99 = times[int(len(times) * 0.99)]
    section.add(Figure(what, p50=statistics.median(times), p99=p99, longest=times[-1]))


async def _measure(section: Section, calls_in_a_row: int) -> None:
    await whole_bot(section)
    await beside_chats(section)
    for part in (one_call, echo, one_way, ten_calls):
        async with engine() as child:
            await part(child, section)
    async with engine() as child:
        await many_calls(child, section, calls_in_a_row)


def measure(report: Report, scale: float) -> None:
    """Let people call a bot, and phones call the engine."""
    section = Section("calls", "Voice calls on this machine: answered, spoken, and what they cost")
    report.sections.append(section)
    asyncio.run(_measure(section, max(20, int(IN_A_ROW * scale))))
