"""Listeners hear what becomes of notifications, and when a batch is finished."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA
from tests.features.notifications.town import Town, order

from domain.delivery import DeliveryStatus, StatusReport
from domain.domain_event import DomainEvent
from jobs.tables import job
from services.conversations.decisions import NOTHING, Decisions


class Listener:
    """Keeps what it hears."""

    def __init__(self, *types: str) -> None:
        self.types = types
        self.heard_events: list[DomainEvent] = []

    def wants(self, event_type: str) -> bool:
        return event_type in self.types

    def heard(self, event: DomainEvent) -> Decisions:
        self.heard_events.append(event)
        return NOTHING

    def statuses(self, id_: str) -> list[str]:
        """Of one notification; Meta's first report may overtake the end of our request."""
        told = [one.data["status"] for one in self.heard_events if one.data.get("id") == id_]
        return told[1:] if told[:1] == ["accepted"] else told

    def of(self, event_type: str) -> list[DomainEvent]:
        return [one for one in self.heard_events if one.type == event_type]


async def settle(town: Town) -> None:
    """Let what Meta reports be told as well."""
    for _ in range(2):
        await town.settle()


@pytest.fixture
def listener(town: Town) -> Listener:
    listener = Listener("notification.status", "batch.finished", "template.status")
    town.bot.parts.context.extensions.listeners.append(listener)
    return listener


async def test_each_status_is_told_once_and_in_order(town: Town, listener: Listener) -> None:
    [id_] = await town.sent(order(reference="A-17", metadata={"order": 17}))
    await settle(town)
    assert listener.statuses(id_) == ["sent", "delivered", "read"]
    first, *_, last = listener.of("notification.status")
    assert (first.data["reference"], first.data["metadata"]) == ("A-17", {"order": 17})
    assert (first.subject, first.user_key) == (id_, ANA)
    assert first.private == {"phone": f"+{ANA}"}
    assert last.data["pricing"] is None or last.data["pricing"]["category"] == "utility"
    assert ANA not in str([one.data for one in listener.heard_events])


async def test_a_failure_has_its_reason_and_the_next_step(town: Town, listener: Listener) -> None:
    stranger = "573009876543"
    town.person(stranger).is_on_whatsapp = False
    [id_] = await town.sent(order(f"+{stranger}"))
    await settle(town)
    assert listener.statuses(id_) == ["failed"]
    error = listener.of("notification.status")[-1].data["error"]
    assert (error["meta_code"], error["code"]) == (131026, "refused_by_meta")
    assert "ask for another number" in error["fix"]


async def test_what_ends_without_being_sent_is_told(town: Town, listener: Listener) -> None:
    soon = (town.clock() + timedelta(hours=1)).isoformat()
    cancelled, expires = await town.sent(
        order(send_at=soon),
        order("+1 555 123 4567", expires_at=soon),
        key="k",
        defaults={},
    )
    await town.call("DELETE", f"/{cancelled}")
    await settle(town)
    assert listener.statuses(cancelled) == ["cancelled"]
    assert listener.statuses(expires)[-1] == "read"


async def test_a_batch_is_finished_once_nothing_of_it_is_with_the_bot(
    town: Town, listener: Listener
) -> None:
    answer = await town.post(order(), order("+1 555 123 4567"), key="k")
    batch = answer.json()["batch_id"]
    await town.release()
    assert listener.of("batch.finished") == []
    await settle(town)
    found = listener.of("batch.finished")
    assert {one.id for one in found} == {batch}
    assert found[0].data["total"] == 2
    assert sum(found[0].data["by_status"].values()) == 2


async def test_a_late_status_is_not_told_after_a_later_one(town: Town, listener: Listener) -> None:
    [id_] = await town.sent(order())
    await settle(town)
    extensions = town.bot.parts.context.extensions
    for status in (DeliveryStatus.SENT, DeliveryStatus.PLAYED, DeliveryStatus.FAILED):
        late = StatusReport("wamid.X", status, town.clock(), id_)
        await town.bot.parts.queue.enqueue(extensions.reported([late]))
    await settle(town)
    assert listener.statuses(id_) == ["sent", "delivered", "read", "failed"]


async def test_without_a_listener_there_are_no_jobs(town: Town) -> None:
    await town.sent(order())
    await settle(town)
    kinds = await town.database.reader.run(lambda c, _: set(c.scalars(select(job.c.kind))))
    assert "notification_status" not in kinds


async def test_a_template_that_meta_pauses_is_told(town: Town, listener: Listener) -> None:
    await town.meta_says("PAUSED")
    [event] = listener.of("template.status")
    shown = {name: event.data[name] for name in ("template", "status", "previous_status")}
    assert shown == {
        "template": "order_update",
        "status": "PAUSED",
        "previous_status": "APPROVED",
    }
