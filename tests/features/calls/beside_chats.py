"""Ten calls and a crowd in the chat at once, in one process: who waits how much longer.

People, their phones and Meta have a lower priority than the bot: in truth they are elsewhere.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.benchmarks.report import Figure, Section
from tests.features.calls.called_server import CalledServer, engine_of
from tests.features.calls.phones import Phones, phones_of

#: Calls at once, messages a second, and for how long: the emulator keeps a thousand requests.
CALLERS, RATE, SECONDS, ROUNDS = 10, 20, 5, 4
#: How much lower the priority of phones and emulator is.
NICE = 10
#: Longest pause between two packets that a phone hides, in seconds.
HIDDEN_SECONDS = 0.08


async def beside_chats(section: Section) -> None:
    """Measure a crowd alone, and beside ten calls."""
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.to_thread(CalledServer, Path(folder))
        emulator = psutil.Process(server.emulator_pid)
        emulator.nice(emulator.nice() + NICE)
        try:
            async with phones_of(server.emulator_url, niceness=NICE) as phones:
                await _measure(section, server, phones)
        finally:
            server.close()


async def _measure(section: Section, server: CalledServer, phones: Phones) -> None:
    _show(section, f"{RATE} messages/s, no call", await _write(server, 1))
    people = [f"4915120{number:06}" for number in range(CALLERS)]
    called = await phones.call(people, talk_seconds=4 * ROUNDS * SECONDS)
    answers = [one["seconds"] for one in called.values()]
    _show(section, "dialled -> answer, up to 9 calls beside it", answers)
    engine = psutil.Process(engine_of(server.carriers[0]))
    for rate in (0, RATE):
        began, before = time.monotonic(), await _packets(server)
        engine.cpu_percent()
        replies = list[float]()
        for number in range(ROUNDS):
            if rate:
                replies += await _write(server, 2 + number)
            else:
                await asyncio.sleep(SECONDS)
        cpu, after = engine.cpu_percent() / CALLERS, await _packets(server)
        if replies:
            _show(section, f"{rate} messages/s beside {CALLERS} calls", replies)
        sent = {name: after[name] - before[name] for name in after}
        on_time = sent["on_time"] / (sent["on_time"] + sent["late"])
        hidden = _hidden(await phones.heard(began))
        note = (
            f"{on_time:.2%} of packets left within 20 ms of their time, {cpu:.1f}% of a core each; "
        )
        note += f"{hidden:.2%} came within {1000 * HIDDEN_SECONDS:.0f} ms of the one before"
        section.add(Figure(f"{CALLERS} calls beside {rate} messages/s", note=note))


def _hidden(heard: Mapping[str, list[float]]) -> float:
    """Return the part of the packets at phones that came soon enough to leave no pause."""
    pauses = [after - at for times in heard.values() for at, after in pairwise(times)]
    return sum(pause <= HIDDEN_SECONDS for pause in pauses) / max(1, len(pauses))


async def _write(server: CalledServer, crowd: int) -> list[float]:
    """Have new people write at a rate. Return the seconds until each has the reply."""
    prefix = f"491513{crowd}"
    people = [f"{prefix}{number:06}" for number in range(RATE * SECONDS)]
    async with httpx.AsyncClient(base_url=server.emulator_url, timeout=60) as http:
        for number, person in enumerate(people):
            began = time.monotonic()
            path = f"/emulator/contacts/{person}/messages"
            await http.post(path, json={"text": "hello", "name": "Ana"})
            if number < len(people) - 1:
                await asyncio.sleep(max(0.0, began + 1 / RATE - time.monotonic()))
    await asyncio.sleep(1)
    return _latencies(await asyncio.to_thread(server.exchanges), prefix)


async def _packets(server: CalledServer) -> dict[str, float]:
    """Return the packets that the engine has told of, by what became of them."""
    async with httpx.AsyncClient() as http:
        shown = (await http.get(f"http://127.0.0.1:{server.bot_port}/metrics")).text
    lines = [one for one in shown.splitlines() if one.startswith("bot_voice_packets_total{")]
    return {one.split('"')[1]: float(one.split()[-1]) for one in lines}


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


def _show(section: Section, what: str, seconds: list[float]) -> None:
    times = sorted(1000 * one for one in seconds)
    p99 = times[int(len(times) * 0.99)]
    section.add(Figure(what, p50=statistics.median(times), p99=p99, longest=times[-1]))
