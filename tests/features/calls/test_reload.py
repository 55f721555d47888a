"""A call under way stays with its bot, when the config file changes."""

import asyncio
from pathlib import Path

from tests.fakes.bot import ANA
from tests.fakes.following_bot import PATIENCE, FollowingBot
from tests.features.calls.fake_engine import FakeEngine

from features.calls.feature import Calls


async def rings(calls: Calls) -> None:
    """Wait until somebody's call has begun."""
    for _ in range(1_000_000):
        if calls.desk.live:
            return
        await asyncio.sleep(0)


async def test_a_call_goes_on_while_another_bot_takes_over(tmp_path: Path) -> None:
    bot = FollowingBot(tmp_path)
    bot.write("bot: {human_idle_hours: 1}")
    await bot.start()
    former = bot.follower.running.bot.parts.feature(Calls)
    former.use_engine(FakeEngine())
    call = bot.account.calls.ring(bot.account.people.get(ANA))
    async with asyncio.timeout(PATIENCE):
        await rings(former)

    bot.write("bot: {human_idle_hours: 2}")
    await bot.follower.look()
    newer = bot.follower.running.bot.parts.feature(Calls)
    assert newer is not former
    assert await newer.desk.end_orphans() == 0
    assert call.id in former.desk.live
    settling = asyncio.create_task(former.settled())

    bot.account.calls.hang_up(bot.account.people.get(ANA))
    async with asyncio.timeout(PATIENCE):
        while not settling.done():
            await former.desk.keep_alive()  # every two seconds
            await asyncio.sleep(0)
    await bot.close()
