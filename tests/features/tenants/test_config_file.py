"""Businesses in the config file: their bots follow it, as that of the settings does."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest
from tests.fakes.bot import ANA
from tests.fakes.database_templates import make_file
from tests.fakes.following_bot import PATIENCE, FollowingBot
from tests.fakes.written_settings import COMPLETE, problems, read
from tests.features.tenants.mall import ACCOUNT, BAKERY, FLORIST

from app.cli import commands as cli
from app.cli.command_setup import LocalSetup
from features.tenants.feature import Tenants

pytestmark = pytest.mark.needs("checks")
FILE = """\
tenants:
  bakery:
    number: "100000000000002"
    token: ${{BAKERY_TOKEN}}
    bot: {{burst_pause_seconds: 0}}
    checks:
      reply: {{type: log, group: chat, message: "{bakery} {{{{ tenant }}}}"}}
  florist:
    number: "100000000000004"
    token: florist-token
    whatsapp: {{app_secret: florist-app-secret}}
    bot: {{burst_pause_seconds: 0}}
    checks:
      reply: {{type: log, group: chat, message: "{florist}"}}
"""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[FollowingBot]:
    for name in ("bakery", "florist"):
        make_file(tmp_path / f"bot.{name}.db")
    bot = FollowingBot(tmp_path, emulated=ACCOUNT, BAKERY_TOKEN="bakery-token")
    bot.write(FILE.format(bakery="Bread", florist="Roses"))
    await bot.start()
    await settled(bot)
    yield bot
    await bot.close()


async def settled(bot: FollowingBot) -> None:
    bots = bot.follower.running.bot.parts.feature(Tenants).bots
    assert bots is not None
    async with asyncio.timeout(PATIENCE):
        await bots.settled()
    assert bots.problems() == {}


async def said(bot: FollowingBot, to: str) -> str:
    """Somebody writes to a number. Return what it answers."""
    person = bot.account.people.get(ANA)
    seen = person.count
    bot.account.say(person, {"type": "text", "text": {"body": "hello"}}, to=to)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [one for one in person.since(seen) if one["from"] == "bot" and "text" in one]
            if found:
                assert found[0]["phone_number_id"] == to
                return str(found[0]["text"]["body"]).partition("\n")[0]
            await person.changed.wait()


async def test_each_business_of_the_file_has_its_checks_and_follows_the_file(
    bot: FollowingBot,
) -> None:
    assert await said(bot, BAKERY) == f"Bread {BAKERY}"
    bot.write(FILE.format(bakery="Cake", florist="Roses"))
    await bot.follower.look()
    await settled(bot)
    assert await said(bot, BAKERY) == f"Cake {BAKERY}"

    bot.write(FILE.format(bakery="Pie", florist="{{ webhook.event.txet }}"))
    await bot.follower.look()
    assert "bot.yaml:14: tenants.florist.checks.reply.message" in await bot.health()
    assert await said(bot, BAKERY) == f"Cake {BAKERY}"

    bot.write("tenants: {}")
    await bot.follower.look()
    tenants = bot.follower.running.bot.parts.feature(Tenants)
    assert tenants.bots is not None
    assert not tenants.bots.knows("bakery")


async def test_a_business_with_an_app_of_its_own_is_reached_by_it_alone(bot: FollowingBot) -> None:
    tenants = bot.follower.running.bot.parts.feature(Tenants)
    assert set(tenants.controllers) == {"florist"}
    owners = tenants.controllers["florist"].store._owners  # type: ignore[attr-defined]
    assert {number: one.app for number, one in owners.items()} == {BAKERY: "", FLORIST: "florist"}


def test_what_is_wrong_with_a_business_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text(
        "tenants:\n"
        "  bakery:\n"
        '    number: "100000000000002"\n'
        "    bot: {timezone: Mars}\n"
        "    checks: {reply: {prompt: '{{ webhook.event.txet }}'}}\n"
        "  florist: {tokn: x, bot: {port: 1}}\n"
        '  Bad: {number: "100000000000002", tenants: {}}\n'
        "  worse: 1\n"
    )
    told = problems({**COMPLETE, "BOT_CONFIG": str(tmp_path / "bot.yaml")}).splitlines()[1:]
    begins = sorted(one.removeprefix("  - ").partition(" ")[2][:70] for one in told)
    assert begins == [
        "tenants.Bad.number: the same number as that of bakery.",
        "tenants.Bad: expected a letter, then letters, digits and dashes, in lo",
        "tenants.bakery.bot.timezone: expected a time zone such as Europe/Madri",
        "tenants.bakery.checks.reply.prompt: unknown variable webhook.event.txe",
        "tenants.florist.tokn: unknown section: did you mean token?",
        "tenants.florist: Missing required environment variable: WP_PHONE_ID (W",
        "tenants.florist: PORT is a setting of the process.",
        "tenants.worse: expected sections and keys below this name.",
    ]


def test_commands_know_the_businesses_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bot.yaml").write_text(FILE.format(bakery="Bread", florist="Roses"))
    monkeypatch.chdir(tmp_path)
    make_file(tmp_path / "bot.db")
    for name, value in {**COMPLETE, "BAKERY_TOKEN": "bakery-token"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path / "bot.yaml"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    ran: list[Mapping[str, str]] = []

    def run(_: object, given: Mapping[str, str], __: object) -> int:
        ran.append(given)
        return 0

    monkeypatch.setattr(LocalSetup, "run_with", run)
    assert cli.main(["tenants", "list"]) == 0
    assert "bakery  in the config file\nflorist  in the config file\n" in capsys.readouterr().out
    assert cli.main(["tenants", "run", "bakery", "check", "reply"]) == 0
    [given] = ran
    assert (given["WP_PHONE_ID"], given["WP_ACCESS_TOKEN"]) == (BAKERY, "bakery-token")
    settings = read(dict(given))
    checks = settings.of(import_module("features.checks.settings").ChecksSettings)
    assert [*checks.all] == ["reply"]
    assert settings.database_url.endswith("bot.bakery.db")
    assert settings.remarks == ()
