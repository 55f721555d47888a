"""The engine as a process of its own, as the desk starts it."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.phone import PythonPhone, until

from features.calls.framing import encode, read_report
from features.calls.protocol import Accepted, Answer, Configure, Connected, Offer, Ready

SOURCE = Path(__file__).parents[4] / "src"


@pytest.fixture
async def process() -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "features.calls.engine")
    given = {**os.environ, "PYTHONPATH": str(SOURCE)}
    made = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, env=given
    )
    yield made
    if made.returncode is None:
        made.kill()
        await made.wait()


async def test_a_call_over_the_pipes_and_the_desk_goes(
    process: asyncio.subprocess.Process,
) -> None:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(encode(Configure(loopback=True)))
    async with asyncio.timeout(20):
        assert isinstance(await read_report(process.stdout), Ready)
        phone = PythonPhone()
        offer = Offer(call="a", sdp=await phone.dial(), language="en")
        process.stdin.write(encode(offer))
        answer = await read_report(process.stdout)
        assert isinstance(answer, Answer)
        await phone.connect(answer.sdp)
        assert isinstance(await read_report(process.stdout), Connected)
        process.stdin.write(encode(Accepted(call="a")))
        await until(lambda: len(phone.frames) > 5)
        left = time.monotonic()
        process.stdin.close()
        assert await process.wait() == 0
        assert time.monotonic() - left <= 5.0
        said = (await process.stderr.read()).decode()
    await phone.hang_up()
    for private in (offer.sdp, answer.sdp):
        for line in private.split("\r\n"):
            assert not line.startswith("a=ice-pwd") or line[10:] not in said
    assert "Traceback" not in said


async def test_a_desk_that_writes_nonsense_is_left(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    assert process.stderr
    process.stdin.write(b"\x00\x00\x00\x04nope")
    async with asyncio.timeout(20):
        assert await process.wait() == 1
        said = (await process.stderr.read()).decode()
    assert "cannot be understood" in said
    assert "Traceback" not in said
