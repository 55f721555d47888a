"""The registry is in step with Meta: by the list, and by webhooks."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, BotHarness

from emulator.cloud_api.config import Config
from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from emulator.cloud_api.state.webhooks import sign
from features.templates import tables
from features.templates.model import Template, TemplateValues
from features.templates.payload import message_of
from features.templates.registry import TemplateRegistry
from jobs.tables import job
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import Transaction

ACCOUNT = Config().business_account_id
ORDER: dict[str, Any] = {
    "name": "order",
    "language": "en",
    "category": "UTILITY",
    "parameter_format": "NAMED",
    "components": [
        {
            "type": "BODY",
            "text": "Hi {{who}}, your order is {{status}} now.",
            "example": {"body_text_named_params": [{"param_name": "who", "example": "Ana"}]},
        }
    ],
}
EDITED: list[dict[str, Any]] = [
    {**ORDER["components"][0], "text": "Hi {{who}}, it is done."},
]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """A bot that knows one template of its own."""
    town = BotHarness(tmp_path)
    await town.start()
    town.account.templates.create(ORDER)
    town.clock.advance(timedelta(minutes=1))
    await town.settle()
    yield town
    await town.stop()


def registry(town: BotHarness) -> TemplateRegistry:
    return TemplateRegistry(town.database, ACCOUNT)


async def order(town: BotHarness) -> Template:
    found = await registry(town).find("order", "en")
    assert found is not None
    return found


async def meta_says(town: BotHarness, field: str, value: str) -> None:
    """Meta changes the template; nothing else happens, and no time passes."""
    trigger(town.account, f"field.{field}", town.person(ANA), TriggerOptions(value, id="order:en"))
    await town.settle()


def lists(town: BotHarness) -> int:
    """How often the bot read all templates."""
    entries = town.account.traffic_log.all()
    return sum("message_templates?" in one["url"] for one in entries)


async def later(town: BotHarness, **time: float) -> None:
    town.clock.advance(timedelta(**time))
    await town.settle()


async def test_the_start_reads_all_templates(town: BotHarness) -> None:
    assert [one.key for one in await registry(town).all()] == ["hello_world:en_US", "order:en"]
    found = await order(town)
    assert (found.status, found.category, found.quality) == ("APPROVED", "UTILITY", "UNKNOWN")
    assert found.is_named
    assert found.components == ORDER["components"]
    assert [one.key for one in await registry(town).languages_of("order")] == ["order:en"]
    assert (await town.state.health.readiness())[1]["templates"] == "2 approved (read 0 min ago)"


async def test_a_pause_is_known_at_once_and_ends(town: BotHarness) -> None:
    read = lists(town)
    await meta_says(town, "message_template_status_update", "PAUSED")
    found = await order(town)
    assert found.status == "PAUSED"
    assert found.paused_until is not None
    assert abs(found.paused_until - town.clock() - timedelta(hours=3)) < timedelta(seconds=1)
    assert lists(town) == read  # the webhook alone told it
    assert b"bot_template_problems_total 1.0" in town.state.metrics.exposition()
    await meta_says(town, "message_template_status_update", "APPROVED")
    found = await order(town)
    assert (found.status, found.paused_until) == ("APPROVED", None)


async def test_operators_are_told_at_once_and_once(town: BotHarness) -> None:
    told: dict[str, str] = {}
    town.bot.parts.context.extensions.alerts.append(
        lambda text, key: told.update({key: text}) or ()
    )
    await meta_says(town, "message_template_status_update", "PAUSED")
    until = f"{town.clock() + timedelta(hours=3):%Y-%m-%d %H:%M}"
    [text] = told.values()
    assert text.startswith(f"Template order (en): Meta paused it until {until} UTC")
    await later(town, hours=1, seconds=1)
    await meta_says(town, "template_category_update", "MARKETING")
    assert len(told) == 2
    assert "from UTILITY to MARKETING" in [*told.values()][1]


async def test_the_list_finds_the_end_of_a_pause_without_a_webhook(town: BotHarness) -> None:
    await meta_says(town, "message_template_status_update", "PAUSED")
    await later(town, hours=1)  # the list says PAUSED, and not until when
    assert (await order(town)).paused_until is not None
    await later(town, minutes=59)
    town.account.templates.find("order", "en").decided = None  # type: ignore[union-attr]
    await later(town, minutes=62)
    found = await order(town)
    assert (found.status, found.paused_until) == ("APPROVED", None)


async def test_quality_and_category_are_known_at_once(town: BotHarness) -> None:
    await meta_says(town, "message_template_quality_update", "RED")
    await meta_says(town, "template_category_update", "MARKETING")
    found = await order(town)
    assert found.quality == "RED"
    assert (found.category, found.previous_category) == ("MARKETING", "UTILITY")
    assert found.category_changed_at is not None
    assert b"bot_template_problems_total 2.0" in town.state.metrics.exposition()
    before = found
    await later(town, hours=2)
    assert await order(town) == before  # the list has no news, and forgets nothing


async def test_an_edited_template_is_read_anew(town: BotHarness) -> None:
    template = town.account.templates.find("order", "en")
    assert template is not None
    changed = [{**ORDER["components"][0], "text": "Hello {{who}}, it is {{status}}."}]
    town.account.templates.edit(template.id, {"components": changed})
    await later(town, seconds=11)
    town.account.tell_reviews()
    await town.settle()
    assert (await order(town)).components == changed


async def test_a_new_template_is_there_when_meta_approves_it(town: BotHarness) -> None:
    town.account.templates.create(ORDER | {"language": "es"})
    await later(town, seconds=11)
    assert await registry(town).find("order", "es") is None
    town.account.tell_reviews()
    await town.settle()
    found = await registry(town).find("order", "es")
    assert found is not None
    assert found.components == ORDER["components"]


async def test_many_webhooks_are_one_look_at_the_list(town: BotHarness) -> None:
    for number in range(20):
        town.account.templates.create(ORDER | {"name": f"order_{number}"})
    town.clock.advance(timedelta(seconds=11))
    town.account.tell_reviews()
    await town.account.webhooks.idle()
    await town.workers["conversations"].run_until_idle()
    town.clock.advance(timedelta(seconds=1))  # all are stored before the list is read
    read = lists(town)
    await town.settle()
    assert lists(town) == read + 1
    assert len(await registry(town).all()) == 22


async def test_a_deleted_template_stays_as_deleted(town: BotHarness) -> None:
    town.account.templates.delete("order", ())
    await later(town, hours=1, seconds=1)
    found = await order(town)
    assert found.status == "DELETED"
    assert found.components == ORDER["components"]


async def test_the_list_alone_finds_a_pause_and_tells_it_once(town: BotHarness) -> None:
    template = town.account.templates.find("order", "en")
    assert template is not None
    template.decided = "PAUSED"
    await later(town, hours=1, seconds=1)
    assert (await order(town)).status == "PAUSED"
    await later(town, hours=1, seconds=1)
    assert b"bot_template_problems_total 1.0" in town.state.metrics.exposition()


async def test_what_was_bad_before_the_first_list_alarms_nobody(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    town.account.templates.create(ORDER | {"name": "please_reject"})
    town.clock.advance(timedelta(minutes=1))
    await town.settle()
    found = await registry(town).find("please_reject", "en")
    assert found is not None
    assert (found.status, found.reason) == ("REJECTED", "INVALID_FORMAT")
    assert b"bot_template_problems_total 0.0" in town.state.metrics.exposition()
    await town.stop()


async def test_a_late_webhook_does_not_undo_what_is_known(town: BotHarness) -> None:
    """Meta delivers again for hours: an old pause comes after the list that has its end."""
    template = town.account.templates.find("order", "en")
    assert template is not None
    value = template.change("message_template_status_update", "PAUSED")
    change = {"field": "message_template_status_update", "value": value}
    template.decided = None
    old = int(town.clock.now)
    await later(town, hours=2)
    await post(town, ACCOUNT, old, change)
    assert (await order(town)).status == "APPROVED"


async def test_another_account_of_the_app_changes_nothing(town: BotHarness) -> None:
    template = town.account.templates.find("order", "en")
    assert template is not None
    value = template.change("message_template_status_update", "PAUSED")
    template.decided = None
    change = {"field": "message_template_status_update", "value": value}
    await post(town, "999", int(town.clock.now), change)
    assert (await order(town)).status == "APPROVED"
    await post(town, ACCOUNT, int(town.clock.now), change)
    assert (await order(town)).status == "PAUSED"


async def test_paused_approved_paused_are_three_rows_and_two_accounts_apart(
    town: BotHarness,
) -> None:
    """The same event later, or of another account, is another one; delivered again, it is not."""
    template = town.account.templates.find("order", "en")
    assert template is not None
    field, at = "message_template_status_update", int(town.clock.now)
    values = [template.change(field, event) for event in ("PAUSED", "APPROVED", "PAUSED")]
    assert values[0] == values[2]
    for account in (ACCOUNT, "999"):
        for _ in range(2):
            for minute, value in enumerate(values):
                change = {"field": field, "value": value}
                await deliver(town, account, at + 60 * minute, change)
    query = select(job.c.body).where(job.c.key.startswith("other:")).order_by(job.c.id)
    bodies = await town.database.submit(Transaction(lambda c, _: c.scalars(query).all()))
    events = [(one["origin"], one["value"]["event"]) for one in map(json.loads, bodies)]
    assert events == [
        (f"{account}:{at + 60 * minute}", event)
        for account in (ACCOUNT, "999")
        for minute, event in enumerate(("PAUSED", "APPROVED", "PAUSED"))
    ]
    await town.settle()
    assert (await order(town)).status == "PAUSED"


async def test_a_list_does_not_overwrite_what_a_webhook_said_meanwhile(town: BotHarness) -> None:
    known = await order(town)
    asked = town.clock()
    town.clock.advance(timedelta(seconds=1))
    await meta_says(town, "message_template_status_update", "PAUSED")
    listed = replace(known, status="APPROVED", quality="GREEN", updated_at=asked)
    await town.bot.parts.queue.enqueue([], [tables.put(listed)])
    assert (await order(town)).status == "PAUSED"


async def test_trouble_with_the_list_is_told_and_ends(town: BotHarness) -> None:
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(error_500=1))
    await later(town, hours=1, seconds=1)
    assert (await town.state.health.readiness())[1]["templates"].startswith("not read: ")
    faults.set(faults.chaos.changed(error_500=0))
    await later(town, minutes=5, seconds=1)
    assert (await town.state.health.readiness())[1]["templates"] == "2 approved (read 0 min ago)"


async def post(town: BotHarness, account: str, at: int, *changes: dict[str, Any]) -> None:
    """Deliver a webhook as Meta does, and let the bot work."""
    await deliver(town, account, at, *changes)
    await town.settle()


async def deliver(town: BotHarness, account: str, at: int, *changes: dict[str, Any]) -> None:
    """Deliver a webhook as Meta does."""
    entry = {"id": account, "time": at, "changes": list(changes)}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    headers = sign(body, town.settings.whatsapp_app_secret.get_secret_value())  # type: ignore[union-attr]
    await town.state.webhooks.receive(body, headers["X-Hub-Signature-256"])


async def test_without_an_account_nothing_is_read(tmp_path: Path) -> None:
    town = BotHarness(tmp_path, wp_bid=None)
    await town.start()
    await town.settle()
    assert lists(town) == 0
    line = (await town.state.health.readiness())[1]["templates"]
    assert line == "not read: WP_BID is not set"
    await town.stop()


async def test_nothing_is_sent_with_a_paused_template(town: BotHarness) -> None:
    await town.say("hello")
    await meta_says(town, "message_template_status_update", "PAUSED")
    assert await send(town) == []
    await later(town, hours=3, seconds=1)
    town.account.templates.find("order", "en").decided = None  # type: ignore[union-attr]
    assert await send(town) == ["template"]


async def test_a_refused_message_has_its_template_read_anew(town: BotHarness) -> None:
    """Once for all messages of a minute; it was edited, and no webhook told it."""
    await town.say("hello")
    template = town.account.templates.find("order", "en")
    assert template is not None
    template.components = EDITED
    read = lists(town)
    for _ in range(2):
        assert await send(town, {"who": "Ana", "status": "ready"}) == ["refused"]
    assert (await order(town)).components == EDITED
    assert lists(town) == read + 1
    assert await send(town, {"who": "Ana"}) == ["template"]


async def send(town: BotHarness, values: dict[str, str] | None = None) -> list[str]:
    """Queue a message with the template; return the types of what the person got."""
    before = town.person(ANA).count
    given = TemplateValues(values or {"who": "Ana", "status": "ready"})
    meant = ORDER["components"] if len(given.body) == 2 else EDITED
    known = replace(await order(town), components=meant)
    draft = Draft(message_of(known, given).payload())
    jobs, writes = enqueue_messages(
        [draft], await town.user(), town.settings.wp_phone_id, at=town.clock()
    )
    await town.bot.parts.queue.enqueue(jobs, writes)
    await town.settle()
    return [one["type"] for one in town.person(ANA).since(before) if one["from"] == "bot"]
