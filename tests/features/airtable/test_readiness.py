"""A base that was taken out of the settings leaves work behind, and the bot is ready."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import BotHarness

from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from features.airtable.job_specs import SYNC_POOL
from features.airtable.sync import lane_of
from jobs.maintenance import state_of
from jobs.tables import timer
from storage.engine.group_commit import Transaction

OTHER_BASE = "appOther"


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("airtable",),
        pytest.param(("openai",), marks=pytest.mark.needs("assistant")),
        pytest.param(("airtable", "openai"), marks=pytest.mark.needs("assistant")),
    ],
)
async def test_the_settings_tell_what_all_workers_serve(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble, parts: tuple[str, ...]
) -> None:
    doubles = {"airtable": airtable, "openai": openai}
    chosen: dict[str, Any] = {name: doubles[name] for name in parts}
    town = BotHarness(tmp_path, **chosen)
    await town.start()
    serving = [pool for worker in town.workers.values() for pool in worker.pools]
    assert sorted(serving) == sorted(town.bot.pools)
    await town.stop()


async def test_once_airtable_is_gone_the_bot_is_ready(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    await town.stop()
    town = BotHarness(tmp_path)  # without it, and later
    town.clock.now = airtable.clock.now
    await town.start()
    await town.wait(3600)
    is_ready, checks = await town.state.health.readiness()
    assert (is_ready, checks["lag_seconds"], checks["unserved_lanes"]) == (True, 0, 1)
    await town.stop()


async def test_the_lane_of_a_base_that_is_no_longer_meant_rests_until_it_is_again(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    before = await run_with_base(tmp_path, airtable, airtable.config.base_id)
    between = await run_with_base(tmp_path, airtable, OTHER_BASE)
    assert list(before) == [lane_of(airtable.config.base_id)]
    assert list(between) == [lane_of(OTHER_BASE)]
    assert await run_with_base(tmp_path, airtable, airtable.config.base_id) == before


async def run_with_base(folder: Path, airtable: AirtableDouble, base_id: str) -> dict[str, Any]:
    """For a while; returns the webhook that each lane of Airtable knows that will go on."""
    now = airtable.clock.now
    town = BotHarness(folder, airtable=airtable, airtable_base_id=base_id)
    town.clock.now = now
    await town.start()
    await town.wait(600)
    await town.wait(600)

    def going_on(connection: Connection, _: float) -> dict[str, Any]:
        pool = SYNC_POOL.lane("")
        names = connection.scalars(select(timer.c.lane).where(timer.c.lane.startswith(pool))).all()
        return {name: state_of(connection, name).get("webhook") for name in names}

    found = await town.database.submit(Transaction(going_on))
    await town.stop()
    return found
