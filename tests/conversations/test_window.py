"""Free-form messages go inside the window only; outside it, a template goes once, or nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.posted import post_text

from domain.delivery import DeliveryStatus
from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from services.clients.cloud_api.errors import Rejected
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery

TEMPLATE = {"outside_window_template": "hello_world:en_US"}
HOUR = 3600


async def town_of(folder: Path, **settings: Any) -> BotHarness:
    town = BotHarness(folder, **settings)
    await town.start()
    return town


async def ledger(town: BotHarness) -> list[tuple[Any, ...]]:
    columns = (delivery.c.kind, delivery.c.status, delivery.c.error_text)

    def read(connection: Connection, _: float) -> list[tuple[Any, ...]]:
        rows = connection.execute(select(*columns).order_by(delivery.c.created_at, delivery.c.id))
        return [tuple(row) for row in rows]

    return await town.database.submit(Transaction(read))


async def say_late(town: BotHarness, text: str, *, hours: float) -> list[str]:
    """A message that Meta redelivers: it was written hours ago."""
    shown = town.person(ANA).count
    at = str(int(town.clock.now - hours * HOUR))
    await post_text(town, text, timestamp=at)
    town.person(ANA).wrote_at = town.clock.now - hours * HOUR
    await town.settle()
    return [str(one) for one in town.person(ANA).since(shown) if one["from"] == "bot"]


async def test_the_window_is_that_of_metas_timestamp_and_only_moves_on(tmp_path: Path) -> None:
    town = await town_of(tmp_path)
    await say_late(town, "hello", hours=5)
    first = (await town.user()).last_inbound_at
    assert first is not None
    assert first.timestamp() == int(town.clock.now - 5 * HOUR)
    await say_late(town, "hello", hours=7)
    assert (await town.user()).last_inbound_at == first
    await say_late(town, "hello", hours=-3)  # a clock that is ahead
    later = (await town.user()).last_inbound_at
    assert later is not None
    assert later.timestamp() <= town.clock.now
    await town.stop()


async def test_a_day_old_message_is_not_answered_as_if_it_were_new(tmp_path: Path) -> None:
    town = await town_of(tmp_path)
    assert await say_late(town, "hello", hours=30) == []
    [(kind, status, error)] = await ledger(town)
    assert (kind, status) == ("text", "failed")
    assert "more than 24 hours ago" in error
    await say_late(town, "STOP", hours=30)
    assert (await town.user()).opted_out_at is not None
    await town.stop()


async def test_hours_old_messages_get_one_apology_for_all(tmp_path: Path) -> None:
    town = await town_of(tmp_path)
    [sorry] = await say_late(town, "register", hours=13)
    assert "retraso" in sorry
    assert await say_late(town, "are you there?", hours=12.5) == []
    assert await say_late(town, "hola", hours=11) != []
    await town.stop()


async def test_an_answer_of_an_open_form_counts_however_late(tmp_path: Path) -> None:
    town = await town_of(tmp_path, reminder_seconds=20 * HOUR, flow_timeout_seconds=22 * HOUR)
    await town.say("registrarme")
    town.clock.advance(timedelta(hours=14))
    assert "documento" in str(await say_late(town, "Ana Pérez", hours=13))
    await town.stop()


@pytest.mark.parametrize("is_opted_out", [True, False])
async def test_a_template_takes_the_place_of_texts_once(tmp_path: Path, is_opted_out: bool) -> None:
    town = await town_of(tmp_path, **TEMPLATE)
    expected = [] if is_opted_out else ["[template]"]
    if is_opted_out:
        await town.say("STOP")
    await town.say("hola")
    town.clock.advance(timedelta(hours=25))
    assert len(await say_late(town, "register", hours=25.5)) == len(expected)
    assert len(await say_late(town, "menu", hours=25.4)) == 0
    states = [(kind, status) for kind, status, _ in await ledger(town)]
    assert states.count(("template", "read")) + states.count(("template", "delivered")) == len(
        expected
    )
    await town.stop()


@pytest.mark.parametrize("template", [{}, TEMPLATE])
async def test_metas_own_refusal_is_handled_the_same(
    tmp_path: Path, template: dict[str, str]
) -> None:
    town = await town_of(tmp_path, **template)
    person = town.person(ANA)
    await town.say("hola")
    person.wrote_at = town.clock.now - 25 * HOUR  # Meta knows better
    shown = person.count
    await post_text(town, "menu")
    person.wrote_at = town.clock.now - 25 * HOUR
    await town.settle()
    sent = [one["type"] for one in person.since(shown) if one["from"] == "bot"]
    assert ("template" in sent) is bool(template)
    assert "more than 24 hours ago" in str(await ledger(town))
    await town.stop()


@pytest.mark.parametrize("template", [{}, TEMPLATE])
async def test_a_refusal_that_comes_later_is_handled_the_same(
    tmp_path: Path, template: dict[str, str]
) -> None:
    town = await town_of(tmp_path, **template)
    await town.say("hola")
    shown = town.person(ANA).count
    for _ in range(2):
        trigger(town.account, "status.failed", town.person(ANA), TriggerOptions(code=131047))
        await town.settle()
    sent = [one["type"] for one in town.person(ANA).since(shown) if one["from"] == "bot"]
    assert [one for one in sent if one == "template"] == ["template"] * len(template)
    assert DeliveryStatus.FAILED in {status for _, status, _ in await ledger(town)}
    await town.stop()


@pytest.mark.parametrize("template", [{}, TEMPLATE])
async def test_direct_sends_are_checked_and_kept(tmp_path: Path, template: dict[str, str]) -> None:
    town = await town_of(tmp_path, **template)
    await town.say("hola")
    await WhatsAppService.send_message(ANA, "Your order is ready")
    await town.settle()
    assert "text" in {kind for kind, status, _ in await ledger(town) if status != "failed"}
    town.clock.advance(timedelta(hours=25))
    if template:
        await WhatsAppService.send_message(ANA, "Your order is ready")
        assert town.person(ANA).entries[-1]["type"] != "text"
        assert "template" in {kind for kind, _, _ in await ledger(town)}
    else:
        with pytest.raises(Rejected, match="more than 24 hours"):
            await WhatsAppService.send_message(ANA, "Your order is ready")
    await town.stop()


async def test_a_direct_send_that_meta_refuses_has_a_row(tmp_path: Path) -> None:
    town = await town_of(tmp_path)
    await town.say("hola")
    with pytest.raises(Rejected):
        await WhatsAppService.send_template(ANA, "no_such_template")
    [(status, error)] = [row[1:] for row in await ledger(town) if row[0] == "template"]
    assert status == "failed"
    assert "132001" in error
    await town.stop()
