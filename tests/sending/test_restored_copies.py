"""Late statuses of messages that a restored database does not know concern nobody else."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.web import sign, webhook

from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery


class NotedMeta(httpx.AsyncBaseTransport):
    """The way to Meta, which notes the ids of the bot's messages, and may be closed."""

    def __init__(self, through: httpx.AsyncBaseTransport) -> None:
        self._through = through
        self.ids: list[str] = []
        self.is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_closed:
            raise httpx.ConnectError("refused", request=request)
        if b"biz_opaque_callback_data" in request.content:
            self.ids.append(json.loads(request.content)["biz_opaque_callback_data"])
        return await self._through.handle_async_request(request)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    town.meta = NotedMeta(town.meta)
    await town.restart()
    yield town
    await town.stop()


def meta(town: BotHarness) -> NotedMeta:
    assert isinstance(town.meta, NotedMeta)
    return town.meta


async def restore_old_copy(town: BotHarness, folder: Path, who: str) -> list[str]:
    """Restore a copy from before the bot wrote to somebody; return the ids of what it wrote."""
    await town.say("hello", JOHN)  # so that there is something in the copy
    await town.stop()
    shutil.copy(folder / "bot.db", folder / "copy.db")
    await town.start()
    meta(town).ids.clear()
    assert await town.say("hello", who)
    lost = list(meta(town).ids)
    assert lost
    await town.stop()
    shutil.copy(folder / "copy.db", folder / "bot.db")
    await town.start()
    return lost


async def report(town: BotHarness, status: str, ids: list[str]) -> None:
    """Meta tells, late, what became of messages."""
    statuses: list[dict[str, Any]] = [
        {
            "id": f"wamid.lost.{one}",
            "status": status,
            "timestamp": "1800000000",
            "recipient_id": ANA,
            "biz_opaque_callback_data": one,
            "errors": [{"code": 131049, "title": "not today"}] if status == "failed" else [],
        }
        for one in ids
    ]
    raw = json.dumps(webhook(statuses=statuses)).encode()
    await town.state.webhooks.receive(raw, sign(raw))
    await town.settle()


async def test_a_late_status_of_a_lost_message_holds_back_no_reply(
    town: BotHarness, tmp_path: Path
) -> None:
    lost = await restore_old_copy(town, tmp_path, ANA)
    meta(town).is_closed = True
    assert await town.say("hello", JOHN) == []
    await report(town, "delivered", lost)
    meta(town).is_closed = False
    assert await town.wait(60, JOHN), "the reply is taken for one that has arrived"


async def test_a_late_failure_of_a_lost_message_is_no_failure_of_another(
    town: BotHarness, tmp_path: Path
) -> None:
    lost = await restore_old_copy(town, tmp_path, ANA)
    assert await town.say("hello", JOHN)
    await report(town, "failed", lost)
    query = select(delivery.c.id, delivery.c.status)
    rows = await town.database.submit(Transaction(lambda c, _: c.execute(query).all()))
    assert {status for _, status in rows} == {"read"}
    assert not {one for one, _ in rows}.intersection(lost)
