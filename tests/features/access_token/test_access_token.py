"""The access token is looked at every hour, and operators are told in time."""

from pathlib import Path

import httpx
import pytest
from tests.fakes.bot import BotHarness

from jobs.model import NewJob


@pytest.fixture
def told() -> list[str]:
    return []


async def started(folder: Path, told: list[str]) -> BotHarness:
    bot = BotHarness(folder)
    await bot.start()

    def tell(text: str, key: str) -> list[NewJob]:
        told.append(text)
        return []

    bot.bot.parts.context.extensions.alerts.append(tell)
    return bot


async def line(bot: BotHarness) -> str:
    is_ready, checks = await bot.state.health.readiness()
    assert is_ready
    return str(checks["access_token"])


async def test_a_token_is_looked_at_and_its_end_is_told(tmp_path: Path, told: list[str]) -> None:
    bot = await started(tmp_path, told)
    assert await line(bot) == "not looked at yet"
    await bot.settle()
    assert await line(bot) == "valid, does not end"
    assert b"bot_token_seconds +Inf" in await bot.state.health.metrics()
    bot.account.access_token._expires_at = bot.clock.now + 30 * 86_400
    await bot.wait(3601)
    assert (await line(bot)).endswith("(29 days)")
    assert told == []
    bot.account.access_token._expires_at = bot.clock.now + 3 * 86_400
    await bot.wait(3601)
    assert "(2 days)" in await line(bot)
    assert "WhatsApp access token: valid until" in told[0]
    assert "Generate token" in told[0]
    bot.account.access_token._expires_at = bot.clock.now - 1
    await bot.wait(3601)
    assert "not taken by Meta" in await line(bot) or "no longer valid" in await line(bot)
    assert b"bot_token_seconds 0.0" in await bot.state.health.metrics()
    await bot.stop()


async def test_meta_away_changes_nothing_that_is_known(tmp_path: Path, told: list[str]) -> None:
    bot = await started(tmp_path, told)
    await bot.settle()
    bot.meta = httpx.MockTransport(lambda request: httpx.Response(503))
    await bot.restart()
    await bot.wait(3601)
    assert await line(bot) == "valid, does not end"
    assert told == []
    await bot.stop()
