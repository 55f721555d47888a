"""The emulator knows whether the bot runs, and what went wrong in it."""

from typing import Any

import pytest

from emulator.cloud_api.testing import CloudApiDouble

ERROR = {"text": "RuntimeError: no seats", "place": "src/flows/booking.py:31", "hint": "Save."}
CALM = {"state": "unknown", "is_answering": True, "error": None}


async def tell(meta: CloudApiDouble, **given: Any) -> Any:
    return (await meta.http.post("/emulator/bot", json=given)).json()


async def test_nothing_is_known_of_a_bot_at_first(cloud_api: CloudApiDouble) -> None:
    assert (await cloud_api.http.get("/emulator/bot")).json() == CALM
    assert (await cloud_api.http.get("/emulator/contacts")).json()["bot"] == CALM


async def test_an_error_stays_until_the_next_successful_start(cloud_api: CloudApiDouble) -> None:
    assert (await tell(cloud_api, error=ERROR))["error"] == ERROR
    stopped = await tell(cloud_api, state="stopped", error=ERROR)
    assert (stopped["state"], stopped["error"]) == ("stopped", ERROR)
    assert (await tell(cloud_api, state="starting"))["error"] == ERROR
    assert await tell(cloud_api, state="running", error=None) == CALM | {"state": "running"}


async def test_pages_are_told_of_changes_once(cloud_api: CloudApiDouble) -> None:
    before = cloud_api.account.feed.last
    await tell(cloud_api, error=ERROR)
    await tell(cloud_api, error=ERROR)
    assert cloud_api.account.feed.last == before + 1


async def test_a_bot_that_does_not_answer_webhooks_is_noticed(cloud_api: CloudApiDouble) -> None:
    bot = cloud_api.account.bot
    bot.note_delivery(is_answered=False)
    assert not bot.shown()["is_answering"]
    cloud_api.account.say(cloud_api.open_window("15551234567"), {"type": "text", "text": {}})
    await cloud_api.account.webhooks.idle()
    assert bot.shown()["is_answering"]


@pytest.mark.parametrize("given", [{"state": "asleep"}, {"error": {}}, {"error": "text"}])
async def test_a_status_that_makes_no_sense_is_refused(
    cloud_api: CloudApiDouble, given: dict[str, Any]
) -> None:
    answer = await cloud_api.http.post("/emulator/bot", json=given)
    assert answer.status_code == 400
    assert cloud_api.account.bot.shown() == CALM
