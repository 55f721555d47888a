"""Webhooks of an app hold those of all its numbers: only what was sent to ours is answered."""

import json
from typing import Any

from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.captured_log import captured_log
from tests.fakes.web import NUMBER, sign, text_message, webhook

from jobs.tables import job
from services.conversations.webhook_events import EventDecisions, WebhookEvent
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery

OTHER = "999999999998765"


def to_another_number(*messages: Any, field: str = "messages", **more: Any) -> dict[str, Any]:
    body = webhook(*messages, metadata={"phone_number_id": OTHER}, **more)
    body["entry"][0]["changes"][0]["field"] = field
    return body


async def post(town: BotHarness, body: dict[str, Any]) -> str:
    raw = json.dumps(body).encode()
    kind: str = await town.state.webhooks.receive(raw, sign(raw))
    return kind


async def kept(town: BotHarness) -> list[tuple[str, str]]:
    """Lane and body of the jobs that keep what nobody acts on."""
    query = select(job.c.lane, job.c.body).where(job.c.kind == "other")

    def read(connection: Connection, _: float) -> list[tuple[str, str]]:
        return [(lane, body) for lane, body in connection.execute(query)]

    return await town.database.submit(Transaction(read))


async def test_a_message_to_another_number_is_kept_once_and_not_answered(town: BotHarness) -> None:
    await town.say("hello")  # from now on, she may be answered
    message = text_message("wamid.1", "hello", ANA)
    for _ in range(2):
        assert await post(town, to_another_number(message)) == "unknown_type"
    [(lane, body)] = await kept(town)  # once it is handled, only its key is left
    assert await town.wait(1) == []
    assert lane.startswith(f"other:{OTHER}:")
    assert json.loads(body)["value"]["value"]["messages"] == [message]
    assert b'bot_received_total{kind="other_number"} 2.0' in town.state.metrics.exposition()
    assert await post(town, webhook(message)) == "message"
    assert await town.wait(1) != []


async def test_a_body_for_two_numbers_is_answered_for_ours_alone(town: BotHarness) -> None:
    once = await town.say("hello")
    both = webhook(text_message("wamid.1", "hello", ANA))
    both["entry"] += to_another_number(text_message("wamid.2", "hello", ANA))["entry"]
    assert await post(town, both) == "message"
    assert await town.wait(1) == once


async def test_a_status_of_another_number_changes_no_message_of_ours(town: BotHarness) -> None:
    await town.say("hello")
    rows = select(delivery.c.wamid, delivery.c.status)
    read = Transaction(lambda connection, _: connection.execute(rows).all())
    before = await town.database.submit(read)
    failed = [{"id": wamid, "status": "failed"} for wamid, _ in before]
    await post(town, to_another_number(statuses=failed))
    await town.settle()
    assert before == await town.database.submit(read) != []
    await post(town, webhook(statuses=failed))
    assert {status for _, status in await town.database.submit(read)} == {"failed"}


async def test_an_event_of_another_number_is_handled_by_nobody(town: BotHarness) -> None:
    seen: list[str] = []

    async def handle(event: WebhookEvent) -> EventDecisions:
        seen.append(event.phone_number_id)
        return EventDecisions()

    town.bot.parts.context.extensions.events["parcels"] = [handle]
    parcels = [{"id": "parcel.1", "from": ANA, "event": "sent"}]
    await post(town, to_another_number(field="parcels", parcels=parcels))
    ours = webhook(parcels=parcels)
    ours["entry"][0]["changes"][0]["field"] = "parcels"
    await post(town, ours)
    await town.settle()
    assert seen == [NUMBER]


async def test_the_log_says_once_which_numbers_differ(town: BotHarness) -> None:
    with captured_log() as log:
        for wamid in ("wamid.1", "wamid.2"):
            await post(town, to_another_number(text_message(wamid)))
    [line] = [line for line in log.getvalue().splitlines() if "another phone number" in line]
    assert "ending in 8765" in line
    assert f"WP_PHONE_ID ends in {NUMBER[-4:]}" in line
    assert OTHER not in line
    assert NUMBER not in line
