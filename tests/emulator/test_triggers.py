"""Every kind of webhook can be made to happen, has Meta's shape, and is dealt with by the bot."""

from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import BotHarness

from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import KINDS, MESSAGES, SYSTEM, TriggerOptions
from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta
from jobs.maintenance import count_jobs
from jobs.model import JobState
from schemas.webhook_schema import WebhookMessage
from services.conversations.message_types import POLICY_BY_TYPE, MessagePolicy
from storage.engine.group_commit import Transaction


async def pull(meta: Meta, kind: str, **words: Any) -> dict[str, Any]:
    """Returns the value of the webhook that it led to."""
    given = {"kind": kind, "from": f"+{ANA}", **words}
    assert (await meta.http.post("/emulator/triggers", json=given)).status_code == 200
    await meta.account.webhooks.idle()
    return meta.webhooks[-1]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_has_the_shape_that_our_models_read(meta: Meta, kind: str) -> None:
    await meta.send("text", {"body": "hi"})
    if kind == "call.terminate":
        await pull(meta, "call.connect")
    value = await pull(meta, kind)
    [entry] = meta.account.traffic_log.all()[-1]["request"]["entry"]
    webhook = WebhookMessage.model_validate({"entry": [entry]})
    change = webhook.entry[0].changes[-1]
    assert change.value is not None
    assert change.received() == entry["changes"][-1]
    family, _, name = kind.partition(".")
    if family == "status":
        assert [one.status for one in change.value.statuses or ()] == [name]
    elif family == "message":
        assert [bool(one.from_user_id) for one in change.value.messages or ()] == [True]
    elif family == "field":
        assert change.field == name
        assert "metadata" not in value
    elif family == "thread":
        assert change.field == ("smb_message_echoes" if name == "owner" else "messaging_handovers")
    else:
        assert change.field == {"call": "calls"}.get(family, family)


async def test_words_end_up_where_they_belong(meta: Meta) -> None:
    tapped = await pull(meta, "message.list_reply", id="topics.events", title="Events")
    reply = tapped["messages"][0]["interactive"]["list_reply"]
    assert reply == {"id": "topics.events", "title": "Events"}
    hidden = await pull(meta, "message.text", body="hi", hide_phone=True, name="Kim")
    assert "from" not in hidden["messages"][0]
    assert hidden["contacts"][0]["profile"] == {"name": "Kim", "username": "@kim_here"}
    assert "wa_id" not in hidden["contacts"][0]
    failed = await pull(meta, "status.failed", id="wamid.x", code=131047)
    assert failed["statuses"][0]["errors"][0]["code"] == 131047


async def test_a_changed_number_keeps_the_person(meta: Meta) -> None:
    value = await pull(meta, "message.system", body="+57 300 765 4321")
    system = value["messages"][0]["system"]
    assert (system["type"], system["wa_id"]) == ("user_changed_number", "573007654321")
    assert system["previous_user_id"] == meta.account.people.get(ANA).user_id
    assert "contacts" not in value


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "message.txt"}, "perhaps message.text"),
        ({"kind": "message.text", "from": "abc"}, "5 to 20 digits"),
        ({"kind": "message.text", "from": None}, "5 to 20 digits"),
        ({"kind": "status.read"}, "nothing yet"),
        ({"kind": "status.failed", "id": "wamid.x", "code": "much"}, "is a number"),
        ({"kind": "status.failed", "id": "wamid.x", "code": 7}, "not one of Meta's error codes"),
    ],
)
async def test_what_cannot_happen_is_refused(
    meta: Meta, given: dict[str, Any], problem: str
) -> None:
    answer = await meta.http.post("/emulator/triggers", json={"from": ANA, **given})
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


async def test_who_has_no_number_changes_the_user_id(meta: Meta) -> None:
    value = await pull(meta, "message.system_user_id", hide_phone=True)
    [message] = value["messages"]
    assert message["system"]["type"] == "user_changed_user_id"
    assert message["system"]["previous_user_id"] == meta.account.people.get(ANA).user_id
    assert "from" not in message
    assert "wa_id" not in message["system"]


async def test_a_marketing_opt_out_is_heeded_until_it_is_taken_back(meta: Meta) -> None:
    stopped = await pull(meta, "user_preferences.stop")
    assert stopped["user_preferences"][0]["value"] == "stop"
    assert not meta.account.people.get(ANA).wants_offers
    await pull(meta, "user_preferences.resume")
    assert meta.account.people.get(ANA).wants_offers


#: What operators see, and nobody answers: messages of groups, and whether one may call.
UNANSWERED = ("group", "call_permission_reply")
TREATED = [*(f"message.{name}" for name in (*MESSAGES, *SYSTEM))]


@pytest.mark.parametrize("kind", TREATED)
async def test_the_bot_answers_or_ignores_each_type_as_its_table_says(
    tmp_path: Path, kind: str
) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    trigger(town.account, kind, town.person(ANA), TriggerOptions())
    await town.settle()
    name = kind.removeprefix("message.")
    type_ = town.person(ANA).entries[0]["type"] if name not in SYSTEM else "system"
    is_ignored = POLICY_BY_TYPE[type_] is MessagePolicy.IGNORE or name in UNANSWERED
    assert bool(town.replies(ANA)) is not is_ignored
    assert await _dead_jobs(town) == 0
    await town.stop()


@pytest.mark.parametrize("kind", sorted({*KINDS} - {*TREATED}))
async def test_the_bot_takes_whatever_else_meta_tells(tmp_path: Path, kind: str) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    town.account.calls.ring(town.person(ANA))
    trigger(town.account, kind, town.person(ANA), TriggerOptions(id="wamid.unknown"))
    await town.settle()
    is_asked_for_help = kind == "thread.to_bot"  # Meta's agent could not help
    assert bool(town.replies(ANA)) is is_asked_for_help
    assert await _dead_jobs(town) == 0
    taken = [one["status"] for one in town.account.traffic_log.all() if one["kind"] == "webhook"]
    assert set(taken) == {200}
    await town.stop()


async def _dead_jobs(town: BotHarness) -> int:
    dead = Transaction(lambda connection, _: count_jobs(connection, JobState.DEAD))
    return int(await town.database.submit(dead))
