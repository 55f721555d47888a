"""What carries calls is killed at random instants: no call is left at Meta, and no step is lost."""

import asyncio
import random
import signal
import time
from pathlib import Path

import httpx
import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.called_server import CalledServer
from tests.features.calls.engine.phone import until
from tests.features.calls.kills import LIMITS, Caller, Fate, Kills, served

from features.calls.states import End

#: Seed of the instants; `kills.py` draws more of them.
SEED = 7
#: Longest end of a bot that is stopped, in seconds; uvicorn ends by the signal that it was sent.
STOP_SECONDS, ENDED_AS_ASKED = 10.0, (0, -signal.SIGTERM)
#: Silence after which the bot has said what it had to say, in seconds.
QUIET_SECONDS = 2.0


def check(fates: list[Fate], server: CalledServer) -> None:
    for one in fates:
        assert one.end is None or one.took <= LIMITS[one.killed] * server.slowness, one


@pytest.mark.timeout(300)
async def test_a_killed_phone_engine_or_bot_leaves_no_call_at_meta(tmp_path: Path) -> None:
    with served(tmp_path, None) as server:
        kills = Kills(server, random.Random(SEED))
        check(await kills.engine(), server)
        fates = await kills.bot()
        check(fates, server)
        assert "orphaned" in [one.end for one in fates], "else no call had been answered"
        check(await kills.phones(), server)


@pytest.mark.timeout(300)
async def test_of_two_processes_for_calls_one_is_killed(
    tmp_path: Path, migrated_postgres_url: str
) -> None:
    with served(tmp_path, migrated_postgres_url, MAX_CONCURRENT_CALLS="2") as server:
        kills = Kills(server, random.Random(SEED))
        fates = await kills.bot()
        check(fates, server)
        assert {one.end for one in fates} >= {None, "orphaned"}, "its calls, and no other ones"


@pytest.mark.timeout(300)
async def test_a_bot_that_is_stopped_says_goodbye_in_three_calls(tmp_path: Path) -> None:
    with served(tmp_path, None) as server:
        async with httpx.AsyncClient(base_url=server.emulator_url, timeout=60) as http:
            callers = [Caller(f"4915110{number:06}", http) for number in range(3)]
            for one in callers:
                await one.prepare(wait=0)
            await until(lambda: all(map(has_heard_it_all, callers)), seconds=60)
            at, bot = time.monotonic(), server.signal_bot(signal.SIGTERM)
            assert await asyncio.to_thread(bot.wait, 60) in ENDED_AS_ASKED
            assert time.monotonic() - at <= STOP_SECONDS * server.slowness
            for one in callers:
                assert (await one.shown())["state"] == "ended"
                assert one.phone.sound_after(at) is not None, "the goodbye"
                await one.hang_up()
            rows = server.call_rows([one.call for one in callers]).values()
            assert [row.reason for row in rows] == [End.DRAINED] * 3


def has_heard_it_all(caller: Caller) -> bool:
    """Return whether a caller pressed a key, and the bot has said what follows."""
    sounds = [at for at, is_sound in caller.phone.frames if is_sound]
    return caller.has_pressed and time.monotonic() - max(sounds) > QUIET_SECONDS
