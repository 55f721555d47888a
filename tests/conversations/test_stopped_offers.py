"""Who stops offers in WhatsApp takes the consent back: Meta refuses them with 131050."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, BotHarness

from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from emulator.cloud_api.testing import completed
from jobs.commit import CommitJobs
from services.conversations.send_refusals import STOPPED_IN_WHATSAPP
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import Transaction
from storage.tables import users
from storage.tables.consents import consent

OFFER = {"type": "template", "template": {"name": "sale", "language": {"code": "en"}}}


async def log(town: BotHarness) -> list[tuple[Any, ...]]:
    def read(connection: Connection, _: float) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(select(consent.c.event, consent.c.detail))]

    return await town.database.submit(Transaction(read))


@pytest.fixture
async def town(tmp_path: Path) -> Any:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("hola")
    key = (await town.user()).key
    agreed = users.change(key, {"marketing_at": town.clock()})
    await town.database.submit(CommitJobs(writes=[agreed]))
    yield town
    await town.stop()


async def send_offer(town: BotHarness) -> None:
    user = await town.user()
    number = town.settings.wp_phone_id
    jobs, writes = enqueue_messages([Draft(OFFER)], user, number, at=town.clock())
    await town.database.submit(CommitJobs(jobs, writes))
    await town.settle()


async def test_a_refused_offer_takes_the_consent_back(town: BotHarness) -> None:
    body = {"type": "BODY", "text": "Half price"}
    template = {"name": "sale", "language": "en", "category": "MARKETING", "components": [body]}
    town.account.templates.create(completed(template))
    town.clock.advance(timedelta(minutes=5))  # until it is approved
    town.person(ANA).wants_offers = False
    await send_offer(town)
    await town.settle()
    user = await town.user()
    assert user.marketing_at is None
    assert user.offers_stopped_at is not None
    assert await log(town) == [("no more marketing", STOPPED_IN_WHATSAPP)]


async def test_so_does_an_offer_that_fails_afterwards_and_only_once(town: BotHarness) -> None:
    for wamid in ("wamid.1", "wamid.1", "wamid.2"):
        options = TriggerOptions(id=wamid, code=131050)
        trigger(town.account, "status.failed", town.person(ANA), options)
        await town.settle()
    assert (await town.user()).marketing_at is None
    assert await log(town) == [("no more marketing", STOPPED_IN_WHATSAPP)]


async def test_other_failures_change_nothing(town: BotHarness) -> None:
    options = TriggerOptions(id="wamid.1", code=131026)
    trigger(town.account, "status.failed", town.person(ANA), options)
    await town.settle()
    assert (await town.user()).marketing_at is not None
