"""A bot in development shares the emulator's clock, and forgets the people whom that forgets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, JOHN, BotHarness, make_settings

from app.cli import reset as command
from app.composition.conversations import load_conversations
from app.composition.development import developing
from app.development.emulator_news import EmulatorNews
from app.development.flow_map import flow_map
from app.development.moved_clock import MovedClock
from app.development.workshop import DevelopedBot
from emulator.cloud_api.config import Config
from storage.engine.database import database_time
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.suppressed import suppressed
from storage.tables.users import Users
from utils.commands import CommandError

URL = Config().base_url
STEPS = f"{URL}/emulator/steps"


@asynccontextmanager
async def following(bot: BotHarness) -> AsyncIterator[tuple[EmulatorNews, httpx.AsyncClient]]:
    """Yield what the bot follows, and a client for the phone page."""
    http = bot.bot.parts.http
    news = EmulatorNews.beside(STEPS, URL, http)
    assert news is not None
    task = asyncio.create_task(news.follow(DevelopedBot(bot.bot)))
    try:
        yield news, http
    finally:
        task.cancel()


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotHarness]:
    bot = BotHarness(tmp_path)
    await bot.start()
    yield bot
    await bot.stop()


async def known(bot: BotHarness) -> list[str]:
    users = Users(bot.database)
    return [who for who in (ANA, JOHN) if await users.find_by_identifier(who) is not None]


async def reset(http: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(f"{URL}/emulator/reset", json=body)
    told: dict[str, Any] = answer.json()
    return told


async def test_a_person_starts_afresh_in_bot_and_emulator(bot: BotHarness) -> None:
    [asked] = await bot.say("register", ANA)
    await bot.say("register", JOHN)
    assert await bot.say("Ana Gómez") != [asked]
    john_heard = len(bot.person(JOHN).entries)
    async with following(bot) as (_, http):
        assert (await reset(http, {"person": ANA}))["is_done"]
    assert await known(bot) == [JOHN]
    assert [*bot.person(ANA).entries] == []
    assert len(bot.person(JOHN).entries) == john_heard
    read = Transaction(lambda connection, _: connection.execute(select(suppressed)).all())
    assert await bot.database.submit(read) == []  # broadcasts take the person for a new one
    assert await bot.say("register") == [asked]


async def test_everyone_starts_afresh_though_work_waits(bot: BotHarness) -> None:
    await bot.say("register", JOHN)
    bot.account.say(bot.person(ANA), {"type": "text", "text": {"body": "hello"}})
    await bot.account.webhooks.idle()  # its job waits for a worker, which does not run
    async with following(bot) as (_, http):
        assert (await reset(http, {}))["is_done"]
    assert await known(bot) == []
    assert [one.name for one in bot.account.people.recent(5)] == ["Ana", "Lucía", "Kim"]


async def test_an_order_waits_for_a_bot_that_does_not_run(bot: BotHarness) -> None:
    await bot.say("hello")
    person = bot.person(ANA)
    bot.account.orders.forget([person.wa_id, person.user_id])
    news = EmulatorNews.beside(STEPS, URL, bot.bot.parts.http)
    assert news is not None
    await news.read_clock()
    await news.catch_up(DevelopedBot(bot.bot))
    assert await known(bot) == []
    assert bot.account.orders.shown()["forget"] == []


async def test_the_panel_shows_what_the_bot_knows(bot: BotHarness) -> None:
    await bot.say("register")
    await bot.say("Ana Lopez")
    known = await DevelopedBot(bot.bot).known([bot.person(ANA).user_id])
    assert (known["flow"], known["step"]) == ("registration", "id_type")
    shown = {title: dict(rows) for title, rows in known["sections"]}
    assert shown["Answers"] == {"full_name": "Ana Lopez"}
    assert shown["Now"]["Holder"] == "bot"
    assert shown["Timers"]["remind"] == {"at": bot.clock.now + 60}
    assert shown["Messages and their cost"]["charged as service"] == "2 (regular)"
    assert shown["Rows about the person"]["users"] == 1
    assert "registration" in json.dumps(known)


async def test_of_a_stranger_nothing_is_known(bot: BotHarness) -> None:
    assert await DevelopedBot(bot.bot).known([ANA]) == {"sections": []}


def test_the_map_has_every_flow_with_its_texts_and_lines() -> None:
    flows, texts = load_conversations()
    found = flow_map(flows, texts)
    definitions = {one["name"]: one for one in found["definitions"]}
    assert definitions.keys() == {one.name for one in flows}
    for one in definitions.values():
        for node in one["nodes"]:
            assert node["text"] or node["kind"] == "call", (one["name"], node)
    [first, *_] = definitions["registration"]["nodes"]
    assert first["text"]["en"] == "What is your full name?"
    lines = Path(found["root"], first["place"]["file"]).read_text().splitlines()
    assert 'Ask("full_name"' in lines[first["place"]["line"] - 1]


async def test_a_bot_that_starts_later_joins_the_moved_clock(bot: BotHarness) -> None:
    http = bot.bot.parts.http
    moved = await http.post(f"{URL}/emulator/clock", json={"seconds": 7200})
    assert moved.json()["ahead"] == 7200
    settings = make_settings(environment="development", steps_url=STEPS)
    async with developing(settings, http) as development:
        assert isinstance(development.clock, MovedClock)
        assert development.clock.ahead == 7200


def test_a_moved_clock_is_that_of_the_database_and_more(database: GroupCommit) -> None:
    clock = MovedClock()
    clock.ahead = 3600.0
    with database.reader._engine.connect() as connection:
        assert clock(connection) - database_time(connection) == pytest.approx(3600, abs=60)


async def test_a_bot_in_production_follows_no_clock(bot: BotHarness) -> None:
    http = bot.bot.parts.http
    await http.post(f"{URL}/emulator/clock", json={"seconds": 7200})
    settings = make_settings(environment="production", steps_url=STEPS)
    async with developing(settings, http) as development:
        assert development.clock is database_time


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"ENVIRONMENT": "production"}, "ENVIRONMENT is production"),
        ({"WP_ACCESS_TOKEN": "EAAGm0PX4ZCpsBO0123456789"}, "WP_ACCESS_TOKEN is set"),
    ],
)
def test_real_people_are_not_reset(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], reason: str
) -> None:
    for name in ("ENVIRONMENT", "WP_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match=reason):
        command.reset("Ana")
