"""Other systems tell events by HTTP: the person gets the template, once."""

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA
from tests.features.events.teller import Teller, codes, order

from app.consumers.po_event_consumer import POEventConsumer, send_po_approved_whatsapp
from features.notifications.api_keys import Scope, create
from features.notifications.tables import notification
from jobs.inspection import retry_dead_letters
from jobs.model import JobState
from jobs.tables import job
from services.erasure import Eraser, Erasure
from storage.engine.group_commit import Transaction


async def test_an_event_becomes_a_message_in_the_language_of_the_person(teller: Teller) -> None:
    answer = await teller.tell(id="e-1", data=order())
    assert (answer.status_code, answer.json()) == (202, {"id": "e-1", "duplicate": False})
    await teller.settle()
    [text] = teller.got(ANA)  # a number of Colombia
    assert "orden de compra PO-001 por un total de 1.234,50 €" in text
    row = await teller.database.reader.run(lambda c, _: c.execute(select(notification)).one())
    assert (row.reference, row.caller_data) == (
        "event:default:po.approved:PO-001",
        '{"event": "po.approved", "event_id": "e-1"}',
    )
    assert [teller.counted(one) for one in ("stored", "sent", "failed")] == [1, 1, 0]


async def test_the_same_id_is_stored_once_and_the_same_order_told_once(teller: Teller) -> None:
    for id_, duplicate in (("e-1", False), ("e-1", True), ("e-2", False)):
        answer = await teller.tell(id=id_, data=order())
        assert answer.json() == {"id": id_, "duplicate": duplicate}
    await teller.settle()
    assert len(teller.got(ANA)) == 1
    assert teller.counted("duplicate") == 2
    assert await dead(teller) == []


async def test_an_event_without_an_id_is_known_by_its_content(teller: Teller) -> None:
    first, again = [await teller.tell(data=order()) for _ in range(2)]
    other = await teller.tell(data=order("PO-002"))
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert (again.json()["duplicate"], other.json()["duplicate"]) == (True, False)
    by_header = await teller.tell(data=order(), headers={"Idempotency-Key": "mine"})
    assert by_header.json()["id"] == "mine"


async def test_other_forms_of_the_same_event(teller: Teller) -> None:
    """Fields beside the envelope's own are the data; types and fields have other names."""
    flat = order("PO-7") | {"event_id": 7, "event_type": "purchase_order.approved"}
    flat["phone"] = flat.pop("supplier_phone")
    answer = await teller.tell("purchase_order.approved", **flat)
    assert answer.json() == {"id": "7", "duplicate": False}
    await teller.settle()
    assert len(teller.got(ANA)) == 1


async def test_a_dry_run_shows_the_message_and_stores_nothing(teller: Teller) -> None:
    answer = await teller.tell(data=order(currency="usd"), query="?dry_run=true")
    assert answer.status_code == 200
    [shown] = answer.json()["items"]
    assert (shown["language"], shown["errors"]) == ("es", [])
    assert "1.234,50" in shown["text"]
    assert teller.counted("stored") == 0


async def test_what_is_wrong_is_told_at_once_without_repeating_it(teller: Teller) -> None:
    unknown = await teller.tell("po.aproved", data=order())
    assert (unknown.status_code, codes(unknown)) == (404, [("type_unknown", "type")])
    assert 'did you mean "po.approved"' in unknown.json()["errors"][0]["message"]
    wrong = await teller.tell(data=order(total_amount="secret", supplier_name=None))
    assert (wrong.status_code, codes(wrong)) == (
        422,
        [("field_invalid", "data.supplier_name"), ("field_invalid", "data.total_amount")],
    )
    assert "secret" not in wrong.text
    for number in ("12", "CO.!"):
        phone = await teller.tell(data=order(supplier_phone=number))
        assert codes(phone) == [("phone_invalid", "data.supplier_phone")]
    missing = await teller.tell(data={})
    assert ("field_missing", "data.po_number") in codes(missing)
    assert codes(await teller.tell(type="po.paid", data=order())) == [("type_differs", "type")]
    large = await teller.tell(data=order(note="x" * 300_000))
    assert (large.status_code, codes(large)) == (413, [("body_too_large", "")])
    assert "256 kB" in large.text
    assert teller.counted("refused", "unknown") == 1
    assert teller.counted("refused") == 4


async def test_a_key_needs_the_scope_events(teller: Teller) -> None:
    async def key(scope: Scope) -> str:
        return await teller.database.submit(
            Transaction(lambda c, _: create(c, "erp", [scope], teller.clock()))
        )

    refused = await teller.tell(key=await key(Scope.SEND), data=order())
    assert (refused.status_code, codes(refused)) == (403, [("scope_missing", "")])
    assert "--scope events" in refused.text
    assert (await teller.tell(key=await key(Scope.EVENTS), data=order())).status_code == 202
    assert (await teller.tell(key="wak_wrong", data=order())).status_code == 401


async def test_an_event_that_cannot_be_sent_is_a_dead_letter_that_can_be_retried(
    teller: Teller,
) -> None:
    await teller.say("hello", ANA)
    await teller.say("stop", ANA)
    await teller.tell(id="e-1", data=order())
    await teller.settle()
    [(id_, error)] = await dead(teller)
    assert error.startswith("Discard: opted_out: The person")
    assert ANA not in error
    await teller.say("start", ANA)
    await teller.database.submit(Transaction(lambda c, now: retry_dead_letters(c, now, ids=[id_])))
    await teller.settle()
    assert len(teller.got(ANA)) == 1


async def test_erasing_a_person_finds_their_events_however_the_number_is_written(
    teller: Teller,
) -> None:
    await teller.say("hello", ANA)
    await teller.say("stop", ANA)
    await teller.tell(data=order(supplier_phone="0057 (300) 123-4567"))
    await teller.tell(data=order("PO-2", supplier_phone="+57 300 987 6543", supplier_name=" "))
    await teller.settle()
    assert len(await dead(teller)) == 2
    parts, now = teller.bot.parts, teller.clock()
    eraser = Eraser(teller.database, parts.served_pools, parts.quoting_pools)
    wanted = Erasure(await teller.user(ANA), now, (), parts.phone_number_id)
    assert await eraser.erase(wanted, now=now)
    [(_, error)] = await dead(teller)
    assert "parameter_empty" in error


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (order(supplier_name="  "), "Discard: parameter_empty"),
        (order(total_amount="1" + "0" * 5000), "Discard: text_too_long"),
    ],
)
async def test_why_an_event_is_not_sent(
    teller: Teller, data: dict[str, object], reason: str
) -> None:
    await teller.tell(data=data)
    await teller.settle()
    [(_, error)] = await dead(teller)
    assert error.startswith(reason)


async def test_events_of_one_order_keep_their_order(teller: Teller) -> None:
    """They share a lane, whose name tells nothing of the order."""
    for number in range(3):
        await teller.tell(id=f"{3 - number}", data=order("PO +573001234567"))
    await teller.tell(id="other", data=order("PO-2"))
    rows = await teller.database.reader.run(
        lambda c, _: c.execute(
            select(job.c.lane, job.c.key).where(job.c.kind == "event").order_by(job.c.id)
        ).all()
    )
    assert [row.key[-1] for row in rows[:3]] == ["3", "2", "1"]
    assert len({row.lane for row in rows[:3]}) == 1
    assert rows[3].lane != rows[0].lane
    assert "573001234567" not in rows[0].lane


async def test_the_names_of_a_notification_service(teller: Teller) -> None:
    """In the bot's process they work with it; scripts open its database."""
    assert await send_po_approved_whatsapp({"event_id": "e-1", "data": order()})
    assert await POEventConsumer().send_po_approved_whatsapp(order("PO-2"))
    assert not await send_po_approved_whatsapp({"po_number": "PO-3"})
    await teller.settle()
    assert len(teller.got(ANA)) == 2


async def dead(teller: Teller) -> list[tuple[int, str]]:
    """The dead letters of events, with their errors."""
    query = select(job.c.id, job.c.error).where(job.c.state == JobState.DEAD.value)
    rows = await teller.database.reader.run(lambda c, _: c.execute(query).all())
    return [(row.id, row.error) for row in rows]


async def test_an_event_of_another_business_is_refused(tmp_path: Path) -> None:
    """Where several share a system: what names no business is taken as before."""
    teller = Teller(tmp_path, events_tenant_id="bakery")
    await teller.begin()
    told = [
        await teller.tell(data=order("PO-1"), tenant_id="bakery"),
        await teller.tell(data=order("PO-2"), tenant_id="florist"),
        await teller.tell(data=order("PO-3")),
    ]
    assert [one.status_code for one in told] == [202, 403, 202]
    assert codes(told[1]) == [("tenant_differs", "tenant_id")]
    await teller.stop()
