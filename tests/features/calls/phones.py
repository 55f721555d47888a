"""Phones in a process of their own: in truth they are elsewhere.

`phones_of(url)` in a bench or a test, and the program that it starts: orders are lines of JSON, and
so are the answers. Times are of the monotonic clock, which all processes of a machine share.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
from tests.features.calls.called_server import CALLS
from tests.features.calls.engine.phone import PythonPhone, tone, until

ROOT = Path(__file__).parents[3]
#: Time between two people who begin to call: the start of a call takes a part of a core.
PAUSE_SECONDS = 1.0
#: Longest wait until a caller hears the bot, in seconds.
PATIENCE_SECONDS = 60.0
#: Longest line that is read, in bytes: the times of many packets.
MAX_LINE = 10_000_000


class Phones:
    """The phones of people, by their numbers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def call(self, people: Sequence[str], *, talk_seconds: int = 0) -> dict[str, Any]:
        """Have people call, one each second, until all hear the bot; then they talk.

        Return of each the id of the `call`, and the `seconds` until the answer came.
        """
        return await self._ask("call", people=people, talk_seconds=talk_seconds)

    async def press(self, people: Sequence[str], key: str) -> None:
        """Have people press a key."""
        await self._ask("press", people=people, key=key)

    async def hang_up(self, people: Sequence[str]) -> None:
        """Have Meta told that people hang up; their phones listen on."""
        await self._ask("hang_up", people=people)

    async def heard(self, since: float) -> Mapping[str, list[float]]:
        """Return when each phone got packets after a moment."""
        return await self._ask("heard", since=since)

    async def _ask(self, do: str, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return answer


@asynccontextmanager
async def phones_of(url: str, *, niceness: int = 0) -> AsyncIterator[Phones]:
    """Return phones of an emulator, until the end of the block.

    Their priority is lower than that of this process by `niceness`.
    """
    pipe = asyncio.subprocess.PIPE
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.features.calls.phones", url, str(niceness)),
        stdin=pipe,
        stdout=pipe,
        limit=MAX_LINE,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        yield Phones(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


class _Program:
    """Does what is ordered."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._phones: dict[str, PythonPhone] = {}
        self._calls: dict[str, str] = {}

    async def do(self, order: dict[str, Any]) -> dict[str, Any]:
        people = order.get("people", ())
        match order["do"]:
            case "call":
                called = (
                    self._call(person, PAUSE_SECONDS * number, order["talk_seconds"])
                    for number, person in enumerate(people)
                )
                return dict(zip(people, await asyncio.gather(*called), strict=True))
            case "press":
                for person in people:
                    self._phones[person].talk(keys=order["key"])
            case "hang_up":
                for person in people:
                    await self._http.post(f"{CALLS}/{self._calls[person]}/hang-up", json={})
            case "heard":
                return {
                    person: [at for at, _ in phone.frames if at > order["since"]]
                    for person, phone in self._phones.items()
                }
        return {}

    async def _call(self, person: str, wait: float, talk_seconds: int) -> dict[str, Any]:
        await asyncio.sleep(wait)
        async with asyncio.timeout(PATIENCE_SECONDS):
            # a busy machine takes no more calls for a while
            while (answered := await self._dial(person)) is None:  # noqa: ASYNC110
                await asyncio.sleep(PAUSE_SECONDS)
        phone = self._phones[person]
        phone.talk(tone(400, 1), times=talk_seconds)
        await until(lambda: phone.first_sound() is not None, seconds=PATIENCE_SECONDS)
        return {"call": self._calls[person], "seconds": answered}

    async def _dial(self, person: str) -> float | None:
        """Call once, and connect. Return the seconds until the answer; None if there is none."""
        phone = self._phones[person] = PythonPhone()
        await phone.dial()
        began = monotonic()
        dialled = await self._http.post(CALLS, json={"from": person, "sdp": phone.offer})
        call = self._calls[person] = dialled.json()["id"]
        shown: dict[str, Any] = {}
        while "sdp" not in shown:
            await asyncio.sleep(0.005)
            shown = (await self._http.get(f"{CALLS}/{call}")).json()
            if shown["state"] == "ended":
                await phone.hang_up()
                return None
        answered = monotonic() - began
        await phone.connect(shown["sdp"], as_browser=True)
        return answered

    async def leave(self) -> None:
        await asyncio.gather(*(phone.hang_up() for phone in self._phones.values()))


async def _run(url: str) -> None:
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        program = _Program(http)
        while line := await reader.readline():
            print(json.dumps(await program.do(json.loads(line))), flush=True)
        await program.leave()


if __name__ == "__main__":
    os.nice(int(sys.argv[2]))
    asyncio.run(_run(sys.argv[1]))
