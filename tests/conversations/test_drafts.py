"""A form that somebody leaves waits for them until WhatsApp closes the window."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import JOHN, BotHarness, make_settings

from app.composition.features import settings_models
from config.env import build_settings

NAME, DOCUMENT, NUMBER = (
    "What is your full name?",
    "Which identity document do you have?",
    "What is its number?",
)
REMINDER = "Are you still there? Answer whenever you like, or send *cancel* to stop."
GO_ON = "We were at *Document number*. Shall we go on?"
HOUR = 3600


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """A bot with the waiting times that are shipped."""
    models = settings_models()
    town = BotHarness(tmp_path, reminder_seconds=3600, flow_timeout_seconds=86400)
    shipped = build_settings(models, **_required())
    assert (shipped.reminder_seconds, shipped.flow_timeout_seconds) == (3600, 86400)
    await town.start()
    for said in ("register", "John Doe", "passport"):
        await town.say(said, JOHN)
    yield town
    await town.stop()


def _required() -> dict[str, object]:
    settings = make_settings()
    names = ("wp_access_token", "wp_phone_id", "webhook_verify_token", "whatsapp_app_secret")
    return {name: getattr(settings, name) for name in names}


async def test_silence_gets_one_reminder_and_no_more(town: BotHarness) -> None:
    assert await town.wait(HOUR - 1, JOHN) == []
    assert await town.wait(1, JOHN) == [f"{REMINDER}\n\n{NUMBER}"]
    assert await town.wait(22 * HOUR, JOHN) == []
    assert (await town.say("AB123456", JOHN))[0].startswith("When were you born?")


async def test_who_comes_back_is_asked_whether_to_go_on(town: BotHarness) -> None:
    await town.wait(5 * HOUR, JOHN)
    assert await town.say("hello", JOHN) == [GO_ON]
    assert [one["title"] for one in town.choices(JOHN)[-2:]] == ["Go on", "Start again"]
    assert await town.tap("go_on", JOHN) == [NUMBER]
    assert (await town.say("AB123456", JOHN))[0].startswith("When were you born?")


async def test_who_comes_back_may_start_again(town: BotHarness) -> None:
    await town.wait(5 * HOUR, JOHN)
    assert await town.say("register", JOHN) == [GO_ON]
    assert await town.say("start again", JOHN) == [NAME]
    assert await town.say("Jane Roe", JOHN) == [DOCUMENT]


async def test_an_answer_to_the_question_is_taken_at_once(town: BotHarness) -> None:
    await town.wait(5 * HOUR, JOHN)
    await town.say("hello", JOHN)
    assert (await town.say("my number is AB123456", JOHN))[0].startswith("When were you born?")


async def test_a_draft_survives_a_restart(town: BotHarness) -> None:
    await town.wait(5 * HOUR, JOHN)
    await town.restart()
    assert await town.say("hello", JOHN) == [GO_ON]
    await town.restart()
    assert await town.tap("go_on", JOHN) == [NUMBER]


async def test_a_draft_ends_without_a_word_when_the_window_closes(town: BotHarness) -> None:
    await town.wait(HOUR, JOHN)
    assert await town.wait(23 * HOUR, JOHN) == []
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]
    assert (await town.user(JOHN)).full_name is None


async def test_a_quick_answer_is_never_asked_whether_to_go_on(town: BotHarness) -> None:
    assert NUMBER in (await town.say("hello", JOHN))[-1]
    assert (await town.say("..", JOHN))[0].startswith("Please write the number")
