"""Kills the bot, the engine and phones at random instants, and sees what becomes of the calls.

`PYTHONPATH=src:. python -m tests.features.calls.kills 10 [SEED]` kills each ten times, with both
databases, and prints the figures.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine
from tests.fakes.postgres import postgres
from tests.features.calls.called_server import CALLS, CalledServer, engine_of, runs
from tests.features.calls.engine.phone import PythonPhone, until

from features.calls.tables import CallRow
from storage.engine.migrate import upgrade

#: Seconds within which Meta has no open call of what was killed.
LIMITS = {"bot": 20.0, "engine": 1.0, "phone": 12.0}
#: People who call before a kill, and the seconds before it in which they begin.
CALLERS, BEFORE = 4, 2.5
#: The answer takes about so many seconds: half of the calls begin that late.
ANSWER_SECONDS = 0.4
#: Time after which a phone hears nothing any more of what was killed, in seconds.
DEAF_SECONDS = 2.0
#: How much later than its limit the end of a call is awaited, in seconds.
SLACK = 10.0


@dataclass
class Caller:
    """A person who calls, and presses 1 as soon as the bot is heard."""

    number: str
    http: httpx.AsyncClient
    phone: PythonPhone = field(default_factory=PythonPhone)
    #: Meta's id of the call, once it rings.
    call: str = ""
    dialled_at: float = 0.0
    has_pressed: bool = False
    _calling: "asyncio.Task[None] | None" = None

    async def prepare(self, wait: float) -> None:
        """Begin to call after so many seconds."""
        await self.phone.dial()
        self._calling = asyncio.create_task(self._run(wait))

    async def _run(self, wait: float) -> None:
        await asyncio.sleep(wait)
        self.dialled_at = time.monotonic()
        dialled = await self.http.post(CALLS, json={"from": self.number, "sdp": self.phone.offer})
        self.call = dialled.json()["id"]
        sdp = await self._answer()
        with suppress(TimeoutError):  # what it connects to was killed
            await self.phone.connect(sdp, as_browser=True)
            self.phone.talk()
            await until(lambda: self.phone.first_sound() is not None, seconds=60)
            self.phone.talk(keys="1")
            self.has_pressed = True

    async def _answer(self) -> str:
        """Return the SDP answer of the bot, once there is one."""
        while True:
            if (sdp := (await self.shown()).get("sdp")) is not None:
                return str(sdp)
            await asyncio.sleep(0.02)

    async def shown(self) -> dict[str, Any]:
        """What the emulated Meta has of the call."""
        found: dict[str, Any] = (await self.http.get(f"{CALLS}/{self.call}")).json()
        return found

    async def vanish(self) -> None:
        """Be a phone without power."""
        if self._calling is not None:
            self._calling.cancel()
        self.phone.vanish()

    async def hang_up(self) -> None:
        if self._calling is not None:
            self._calling.cancel()
        await self.http.post(f"{CALLS}/{self.call}/hang-up", json={})
        await self.phone.hang_up()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a call."""

    killed: str
    #: Seconds from dialling until the kill, and from the kill until the call was over at Meta.
    after: float
    took: float
    #: Why it ended, by its row; None: a process that lives has it.
    end: str | None
    who: str
    #: Whether a step was chosen in it, which the chat has to show.
    has_chosen: bool

    def __str__(self) -> str:
        became = f"{self.end} after {self.took:.2f} s" if self.end else "goes on"
        return f"{self.killed} killed {self.after:.2f} s after dialling: {became}"


class Kills:
    """Calls to one server, and what they are worth after a kill."""

    def __init__(self, server: CalledServer, chance: random.Random) -> None:
        self.server, self._chance = server, chance
        self._numbers: Iterator[str] = (f"4915110{number:06}" for number in range(10**6))

    async def bot(self) -> list[Fate]:
        """Kill a process that takes calls; it is started again at once."""
        carrier = self._chance.choice(self.server.carriers)
        engine = engine_of(carrier)
        fates = await self._during("bot", lambda: self.server.kill_carrier(carrier))
        assert not runs(engine), "an engine outlived its bot"
        await asyncio.to_thread(self.server.until_answering)
        return fates

    async def engine(self) -> list[Fate]:
        """Kill the engine of a process that takes calls."""
        carrier = self._chance.choice(self.server.carriers)
        fates = await self._during("engine", lambda: os.kill(engine_of(carrier), signal.SIGKILL))
        await asyncio.to_thread(self.server.until_answering)
        return fates

    async def phones(self) -> list[Fate]:
        """Have each phone vanish, at an instant of its own."""
        async with self._http() as http:
            callers = await self._ring(http)
            instants = sorted((self._chance.uniform(0.1, BEFORE), one) for one in callers)
            return await asyncio.gather(*(self._vanishing(*one) for one in instants))

    async def _vanishing(self, wait: float, caller: Caller) -> Fate:
        await until(lambda: bool(caller.call), seconds=60)
        await asyncio.sleep(wait)
        at = time.monotonic()
        await caller.vanish()
        return await self._fate("phone", caller, at)

    async def _during(self, killed: str, kill: Callable[[], None]) -> list[Fate]:
        async with self._http() as http:
            callers = await self._ring(http)
            ben = next(self._numbers)
            await asyncio.sleep(BEFORE)
            await self._until_each_carries(callers)
            asked = asyncio.create_task(asyncio.to_thread(self.server.say, "hello", ben))
            at = time.monotonic()
            killing = asyncio.create_task(asyncio.to_thread(kill))
            rung = [one for one in callers if one.call]
            fates = await asyncio.gather(*(self._fate(killed, one, at) for one in rung))
            await asyncio.gather(killing, asked, *(one.hang_up() for one in callers))
        await self._chats(ben, fates)
        return fates

    async def _ring(self, http: httpx.AsyncClient) -> list[Caller]:
        callers = [Caller(next(self._numbers), http) for _ in range(CALLERS)]
        for number, one in enumerate(callers):
            first = BEFORE - ANSWER_SECONDS if number % 2 else 0.0
            await one.prepare(self._chance.uniform(first, BEFORE))
        return callers

    async def _until_each_carries(self, callers: Sequence[Caller]) -> None:
        """Wait until each process that takes calls has answered one: busy machines are late."""

        def carries() -> bool:
            rows = self.server.call_rows([one.call for one in callers]).values()
            owners = {row.owner for row in rows if row.accepted_at is not None}
            return len(owners) == len(self.server.carriers)

        await asyncio.to_thread(self.server.wait_until, carries)

    async def _fate(self, killed: str, caller: Caller, at: float) -> Fate:
        """Wait until a call is over, at Meta and in its row, or a process that lives has it."""
        until_when = at + LIMITS[killed] + SLACK
        ended_at = None
        while time.monotonic() < until_when:
            if ended_at is None and (await caller.shown())["state"] == "ended":
                ended_at = time.monotonic()
            rows = await asyncio.to_thread(self.server.call_rows, [caller.call])
            row = rows.get(caller.call)
            if row is not None and (
                _is_carried(caller, row, killed, at) or (ended_at is not None and row.is_over)
            ):
                took = (ended_at or time.monotonic()) - at
                chosen = bool(row.chosen)
                return Fate(
                    killed, at - caller.dialled_at, took, row.outcome, caller.number, chosen
                )
            await asyncio.sleep(0.02)
        raise AssertionError(f"a call goes on that nobody has: {await caller.shown()}, {row}")

    async def _chats(self, ben: str, fates: Sequence[Fate]) -> None:
        """Wait until the chats show what was asked for, whatever was killed meanwhile."""

        def are_there() -> bool:
            shown = {one.who: len(self.server.shows(one.who)) for one in fates}
            expected = {one.who: one.has_chosen + (one.end == "orphaned") for one in fates}
            return bool(self.server.shows(ben)) and all(
                shown[who] >= count for who, count in expected.items()
            )

        await asyncio.to_thread(self.server.wait_until, are_there)

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.server.emulator_url, timeout=60)


def _is_carried(caller: Caller, row: CallRow, killed: str, at: float) -> bool:
    """Return whether something that lives has a call: its phone is sent audio after a while."""
    if killed == "phone" or row.is_over or not caller.phone.frames:
        return False
    return caller.phone.frames[-1][0] > at + DEAF_SECONDS


@contextmanager
def served(folder: Path, postgres_url: str | None, **settings: str) -> Iterator[CalledServer]:
    """Return a server that is called, until the end of the block."""
    server = CalledServer(folder, postgres_url, **settings)
    try:
        yield server
    finally:
        server.close()


async def kill_all(server: CalledServer, chance: random.Random, times: int) -> list[Fate]:
    """Kill the bot, the engine and phones so many times."""
    kills, fates = Kills(server, chance), list[Fate]()
    for _ in range(times):
        for act in (kills.engine, kills.bot, kills.phones):
            for one in await act():
                print(one, flush=True)
                fates.append(one)
    return fates


def main() -> None:
    times, seed = (int(one) for one in (*sys.argv[1:], "10", "1")[:2])
    with postgres() as database:
        for url in (None, database.url):
            if url is not None:
                upgrade(create_engine(url))
            print(f"{'PostgreSQL, two processes for calls' if url else 'SQLite, one process'}")
            # of two processes, each has lines for a half of the callers: else one may take them all
            lines = {} if url is None else {"MAX_CONCURRENT_CALLS": str(CALLERS // 2)}
            with (
                tempfile.TemporaryDirectory() as folder,
                served(Path(folder), url, **lines) as server,
            ):
                fates = asyncio.run(kill_all(server, random.Random(seed), times))
            for killed, limit in LIMITS.items():
                ends = sorted(one.took for one in fates if one.killed == killed and one.end)
                said = f"at most {ends[-1]:.2f} s (limit {limit:g})" if ends else "none ended"
                print(f"  {killed}: {len(ends)} calls over at Meta, {said}")


if __name__ == "__main__":
    main()
