"""Ten calls and a crowd in the chat at once, in one process: who waits how much longer."""

import asyncio
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from tests.benchmarks.report import Figure, Section
from tests.features.calls.called_server import CALLS, CalledServer
from tests.features.calls.engine.phone import PythonPhone, tone, until

#: Calls at once, messages a second, and seconds of each part.
CALLERS, RATE, SECONDS = 10, 20, 5
#: Longest pause between two packets that a phone hides, in seconds.
HIDDEN_SECONDS = 0.08


class Crowd:
    """People who call and write."""

    def __init__(self, server: CalledServer, http: httpx.AsyncClient) -> None:
        self._server, self._http = server, http
        self.phones: list[PythonPhone] = []

    async def call(self) -> float:
        """Call. Return the seconds until the answer of the bot came to the phone."""
        phone = PythonPhone()
        self.phones.append(phone)
        await phone.dial()
        began = time.monotonic()
        person = f"4915120{len(self.phones):06}"
        dialled = await self._http.post(CALLS, json={"from": person, "sdp": phone.offer})
        path = f"{CALLS}/{dialled.json()['id']}"
        shown: dict[str, Any] = {}
        while "sdp" not in shown:
            await asyncio.sleep(0.005)
            shown = (await self._http.get(path)).json()
        answered = time.monotonic() - began
        await phone.connect(shown["sdp"], as_browser=True)
        phone.talk(tone(400, 4 * SECONDS))
        await until(lambda: phone.first_sound() is not None, seconds=30)
        return answered

    async def write(self, prefix: str) -> list[float]:
        """Have new people write at a rate. Return the seconds until each has the reply."""
        people = [f"{prefix}{number:06}" for number in range(RATE * SECONDS)]
        for number, person in enumerate(people):
            began = time.monotonic()
            path = f"/emulator/contacts/{person}/messages"
            await self._http.post(path, json={"text": "hello", "name": "Ana"})
            if number < len(people) - 1:
                await asyncio.sleep(max(0.0, began + 1 / RATE - time.monotonic()))
        await asyncio.sleep(1)
        return _latencies(await asyncio.to_thread(self._server.exchanges), prefix)

    async def leave(self) -> None:
        for phone in self.phones:
            await phone.hang_up()


async def beside_chats(section: Section) -> None:
    """Measure a crowd alone, and beside ten calls."""
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.to_thread(CalledServer, Path(folder))
        try:
            async with httpx.AsyncClient(base_url=server.emulator_url, timeout=60) as http:
                crowd = Crowd(server, http)
                _show(section, f"{RATE} messages/s, no call", await crowd.write("4915130"))
                answers = [await crowd.call() for _ in range(CALLERS)]
                _show(section, "dialled -> answer, up to 9 calls beside it", answers)
                began = time.monotonic()
                replies = await crowd.write("4915140")
                _show(section, f"{RATE} messages/s beside {CALLERS} calls", replies)
                section.add(Figure(f"{CALLERS} calls meanwhile", note=_sound(crowd, began)))
                await crowd.leave()
        finally:
            server.close()


def _latencies(exchanges: list[dict[str, Any]], prefix: str) -> list[float]:
    """Return the seconds from each webhook until the bot begins to send the reply."""
    wrote: dict[str, float] = {}
    replied: dict[str, float] = {}
    for one in exchanges:
        began, asked = one["at"] - one["milliseconds"] / 1000, one["request"]
        if not isinstance(asked, dict):
            continue
        if one["kind"] == "graph" and "to" in asked:
            replied.setdefault(str(asked["to"]).lstrip("+"), began)
        for entry in asked.get("entry", []):
            for change in entry["changes"]:
                for message in change["value"].get("messages", []):
                    wrote.setdefault(message["from"], began)
    return [
        replied[who] - at for who, at in wrote.items() if who.startswith(prefix) and who in replied
    ]


def _sound(crowd: Crowd, since: float) -> str:
    """Return how many packets came to the phones, and the longest pause between two."""
    times = [[at for at, _ in phone.frames if at > since] for phone in crowd.phones]
    pauses = [after - at for one in times for at, after in pairwise(one)]
    late = sum(pause > HIDDEN_SECONDS for pause in pauses)
    on_time = 1 - late / max(1, len(pauses))
    return f"{on_time:.2%} of packets within {1000 * HIDDEN_SECONDS:.0f} ms of the one before"


def _show(section: Section, what: str, seconds: list[float]) -> None:
    times = sorted(1000 * one for one in seconds)
    p99 = times[int(len(times) * 0.99)]
    section.add(Figure(what, p50=statistics.median(times), p99=p99, longest=times[-1]))
