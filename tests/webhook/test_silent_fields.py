"""Events that nobody writes: statuses of unknown messages, and what Meta tells of the account."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.captured_log import captured_log
from tests.fakes.web import SECRET, sign, webhook

from app.doctor.account import judge_window_template
from domain.checks import Result
from emulator.cloud_api.config import Config
from jobs.commit import CommitJobs
from jobs.tables import job
from routes.webhook_middleware import PATHS
from schemas.cloud_api_schema import MediaMessage, MediaType, TemplateMessage
from schemas.reading import read_status
from schemas.webhook_schema import Status
from services.clients.cloud_api.errors import Rejected
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import Transaction
from storage.tables import deliveries
from storage.tables.deliveries import delivery

PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


async def post(town: BotHarness, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    await town.state.webhooks.receive(raw, sign(raw, SECRET))
    await town.settle()


def status(town: BotHarness, wamid: str, name: str = "delivered", **more: Any) -> dict[str, Any]:
    at = str(int(town.clock.now))
    told = {"id": wamid, "status": name, "timestamp": at, "recipient_id": ANA, **more}
    return webhook(statuses=[told])


async def rows(town: BotHarness) -> list[Any]:
    def read(connection: Connection, _: float) -> list[Any]:
        return list(connection.execute(select(delivery)))

    return await town.database.submit(Transaction(read))


async def test_a_status_waits_for_its_row(town: BotHarness) -> None:
    await post(town, status(town, "wamid.1", pricing=PRICING))
    at = datetime.fromtimestamp(town.clock.now, UTC)
    added = deliveries.add("d1", user_key=None, kind="text", at=at)
    taken = deliveries.accept("d1", "wamid.1", at=at)
    await town.database.submit(CommitJobs(writes=[added, taken]))
    await town.wait(31)
    [row] = await rows(town)
    assert (row.status, row.category, row.pricing) == ("delivered", "service", "regular")


async def test_a_failure_of_an_unknown_message_is_told_once(town: BotHarness) -> None:
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    with captured_log() as log:
        await post(town, status(town, "wamid.2", "failed", errors=errors))
        for _ in range(5):
            await town.wait(timedelta(hours=10).total_seconds())
    assert log.getvalue().count("131026") == 1
    told = town.state.metrics.exposition()
    assert b'bot_received_total{kind="unknown_status"} 1.0' in told
    assert b'bot_undelivered_total{code="131026"} 1.0' in told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"title": "Re-engagement message"}, "Re-engagement message"),
        (
            {"message": "Re-engagement", "error_data": {"details": "More than 24 hours passed."}},
            "Re-engagement: More than 24 hours passed.",
        ),
        ({"title": "Too late", "error_data": {"details": "Too late"}}, "Too late"),
        ({"error_data": {"details": "Too late"}}, "Too late"),
        ({"title": "Too late", "error_data": {"details": 7}}, "Too late"),
        ({"title": "Too late", "error_data": "?"}, "Too late"),
        ({}, None),
    ],
)
def test_the_reason_of_a_failure_has_metas_details(error: dict[str, Any], told: str | None) -> None:
    failed = {"id": "wamid.1", "status": "failed", "errors": [{"code": 131047, **error}]}
    report = read_status(Status.read(failed))
    assert report is not None
    assert report.error_text == told


def template_update(account: str, time: int, event: str = "PAUSED") -> dict[str, Any]:
    value = {
        "event": event,
        "message_template_name": "sale",
        "message_template_language": "en",
        "reason": "NONE",
    }
    change = {"field": "message_template_status_update", "value": value}
    entry = {"id": account, "time": time, "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


async def test_the_same_event_of_another_account_or_time_is_another_event(
    town: BotHarness,
) -> None:
    for account, time in (("1", 1), ("1", 1), ("2", 1), ("1", 2)):
        await post(town, template_update(account, time))

    def read(connection: Connection, _: float) -> int:
        return len(list(connection.execute(select(job.c.id).where(job.c.kind == "other"))))

    assert await town.database.submit(Transaction(read)) == 3


def test_each_path_works_with_a_slash_at_its_end() -> None:
    assert {f"{path}/" for path in PATHS if not path.endswith("/")} <= set(PATHS)


def test_only_audio_is_a_voice_message() -> None:
    spoken = MediaMessage(kind=MediaType.AUDIO, id="1", voice=True)
    assert spoken.payload() == {"type": "audio", "audio": {"id": "1", "voice": True}}
    with pytest.raises(ValueError, match="only audio"):
        MediaMessage(kind=MediaType.IMAGE, id="1", voice=True)


@pytest.mark.parametrize(
    ("listed", "result"),
    [
        ([], Result.FAIL),
        ([{"name": "hi", "language": "es", "status": "APPROVED"}], Result.FAIL),
        ([{"name": "hi", "language": "en", "status": "PAUSED"}], Result.FAIL),
        ([{"name": "hi", "language": "en", "status": "APPROVED"}], Result.OK),
        (
            [
                {
                    "name": "hi",
                    "language": "en",
                    "status": "APPROVED",
                    "components": [{"type": "BODY", "text": "Hi {{1}}"}],
                }
            ],
            Result.FAIL,
        ),
    ],
)
def test_the_template_of_the_window_is_checked(listed: list[Any], result: Result) -> None:
    assert judge_window_template(TemplateMessage(name="hi", language="en"), listed).result is result


async def test_a_test_number_is_tried_with_the_other_way_of_writing(tmp_path: Path) -> None:
    allowed = Config(allowed_recipients=frozenset({"541112345678"}))
    town = BotHarness(tmp_path, emulated=allowed)
    await town.start()
    sent = await WhatsAppService.send_template("+5491112345678", "hello_world")
    assert sent.wa_id == "541112345678"
    with pytest.raises(Rejected, match="allowed recipients"):
        await WhatsAppService.send_template("+573001234567", "hello_world")
    await town.stop()
