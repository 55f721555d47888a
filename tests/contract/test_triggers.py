"""Every kind of webhook can be made to happen, has Meta's shape, and is dealt with by the bot."""

from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import Town

from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta
from emulator.cloud_api.trigger_api import trigger
from emulator.cloud_api.triggers import KINDS, MESSAGES, Words
from lanes.model import JobState
from lanes.upkeep import count_jobs
from schemas.webhook_schema import WebhookMessage
from services.treatment import TREATMENTS, Treatment
from storage.group_commit import Work


async def pull(meta: Meta, kind: str, **words: Any) -> dict[str, Any]:
    """Returns the value of the webhook that it led to."""
    given = {"kind": kind, "from": f"+{ANA}", **words}
    assert (await meta.http.post("/emulator/triggers", json=given)).status_code == 200
    await meta.account.webhooks.idle()
    return meta.webhooks[-1]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_has_the_shape_that_our_models_read(meta: Meta, kind: str) -> None:
    await meta.send("text", {"body": "hi"})
    value = await pull(meta, kind)
    envelope = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    webhook = WebhookMessage.model_validate({"entry": [envelope]})
    read = webhook.entry[0].changes[0].value
    assert read is not None
    family, _, name = kind.partition(".")
    if family == "status":
        assert read.statuses is not None
        assert read.statuses[0].status == name
    else:
        assert read.messages is not None
        assert read.messages[0].from_user_id
        assert read.messages[0].received() == value["messages"][0]


async def test_words_end_up_where_they_belong(meta: Meta) -> None:
    tapped = await pull(meta, "message.list_reply", id="topics.events", title="Events")
    reply = tapped["messages"][0]["interactive"]["list_reply"]
    assert reply == {"id": "topics.events", "title": "Events"}
    hidden = await pull(meta, "message.text", body="hi", hide_phone=True, name="Kim")
    assert "from" not in hidden["messages"][0]
    assert hidden["contacts"][0]["profile"] == {"name": "Kim"}
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
        ({"kind": "status.read"}, "nothing yet"),
        ({"kind": "status.failed", "id": "wamid.x", "code": "much"}, "is a number"),
    ],
)
async def test_what_cannot_happen_is_refused(
    meta: Meta, given: dict[str, Any], problem: str
) -> None:
    answer = await meta.http.post("/emulator/triggers", json={**given, "from": ANA})
    assert answer.status_code == 400
    assert problem in answer.json()["error"]


@pytest.mark.parametrize("name", [*MESSAGES, "system"])
async def test_the_bot_answers_or_ignores_each_type_as_its_table_says(
    tmp_path: Path, name: str
) -> None:
    town = Town(tmp_path)
    await town.start()
    trigger(town.account, f"message.{name}", town.person(ANA), Words())
    await town.settle()
    kind = town.person(ANA).entries[0]["type"] if name != "system" else "system"
    is_ignored = TREATMENTS[kind] is Treatment.IGNORE or name == "group"
    assert bool(town.replies(ANA)) is not is_ignored
    dead = Work(lambda connection, _: count_jobs(connection, JobState.DEAD))
    assert await town.database.submit(dead) == 0
    await town.stop()
