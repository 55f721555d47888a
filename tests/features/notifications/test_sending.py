"""Other systems send notifications: people get them, and the systems see what became of them."""

import asyncio
from datetime import timedelta

from sqlalchemy import Connection, func, select, update
from tests.fakes.bot import ANA, JOHN
from tests.features.notifications.town import Town, codes, order

from features.notifications.tables import notification, notification_batch
from jobs.model import Priority
from jobs.tables import job, lane
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables.users import change, user

EVA = "573009876543"


def offer(to: str = "+57 300 123 4567") -> dict[str, object]:
    return {"to": to, "template": {"name": "offer"}}


async def test_a_stranger_gets_a_template_and_its_history_is_told(town: Town) -> None:
    [id_] = await town.sent(order(reference="A-17", metadata={"order": 17}))
    await town.settle()
    assert town.got(ANA) == ["order_update"]
    view = await town.view(id_)
    assert (view["status"], view["to"], view["reference"]) == ("read", "+573001234567", "A-17")
    assert (view["metadata"], view["errors"]) == ({"order": 17}, [])
    steps = [one["status"] for one in view["history"]]
    assert steps == ["pending", "accepted", "sent", "delivered", "read"]
    assert view["message_id"].startswith("wamid.")


async def test_whoever_is_known_gets_it_in_their_own_conversation(town: Town) -> None:
    """A number that people write in several ways is one person."""
    mexican = "5215512345678"
    await town.say("hello", mexican)
    await town.sent(order("55 1234 5678"), defaults={"country": "MX"})
    await town.settle()
    assert town.got(mexican) == ["order_update"]
    known = await town.database.reader.run(lambda c, _: c.scalars(select(user.c.wa_id)).all())
    assert known == [mexican]


async def test_people_without_a_phone_number_are_written_to_by_their_user_id(town: Town) -> None:
    hidden = town.person(EVA)
    hidden.hides_phone = True
    await town.say("hello", EVA)
    item = {"user_id": hidden.user_id, "template": order()["template"]}
    [id_] = await town.sent(item)
    await town.settle()
    assert (town.got(EVA), (await town.view(id_))["to"]) == (["order_update"], hidden.user_id)
    code = {"name": "login", "parameters": ["493021"]}
    refused = await town.post({**item, "template": code})
    assert codes(refused) == [("phone_needed", "items[0].to")]


async def test_a_dry_run_shows_what_each_person_would_read_and_stores_nothing(town: Town) -> None:
    wrong = order("12", template={"name": "order_update", "parameters": ["Ana"]})
    answer = await town.post(order(), wrong, dry_run=True)
    assert answer.status_code == 200
    body = answer.json()
    assert body["items"][0]["text"] == (
        "Hi Ana, your order A-17 is on its way.\nReply STOP to get no more."
    )
    assert [one["status"] for one in body["items"]] == ["pending", "refused"]
    assert [one["code"] for one in body["items"][1]["errors"]] == [
        "phone_invalid",
        "parameter_missing",
    ]
    assert (body["would_send"], body["by_category"], body["by_country_code"]) == (
        1,
        {"UTILITY": 1},
        {"57": 1},
    )
    assert await stored(town) == (0, 0, 0)


async def test_all_or_nothing_stores_nothing_and_partial_sends_the_rest(town: Town) -> None:
    items = [order(), order("+57 12"), order("+1 555 123 4567")]
    refused = await town.post(*items, key="one")
    assert refused.status_code == 422
    assert codes(refused) == [("phone_invalid", "items[1].to")]
    assert await stored(town) == (0, 0, 0)
    answer = await town.post(*items, key="one", on_error="partial")
    assert answer.status_code == 202
    results = answer.json()["items"]
    assert [one["status"] for one in results] == ["pending", "refused", "pending"]
    assert results[1]["id"] is None
    assert results[1]["errors"][0]["code"] == "phone_invalid"
    await town.settle()
    assert (town.got(ANA), town.got(JOHN)) == (["order_update"], ["order_update"])


async def test_the_same_request_fifty_times_at_once_is_one_batch(town: Town) -> None:
    posts = [town.post(order(), order("+1 555 123 4567"), key="k1") for _ in range(50)]
    answers = await asyncio.gather(*posts)
    assert {one.status_code for one in answers} == {202}
    assert len({one.text for one in answers}) == 1
    assert sum("Idempotent-Replayed" in one.headers for one in answers) == 49
    assert await stored(town) == (2, 1, 2)
    other = await town.post(order(), order("+57 300 987 6543"), key="k1")
    assert (other.status_code, codes(other)) == (
        422,
        [("idempotency_key_reused", "Idempotency-Key")],
    )
    missing = await town.post(order(), order("+57 300 987 6543"))
    assert (missing.status_code, codes(missing)) == (
        400,
        [("idempotency_key_missing", "Idempotency-Key")],
    )


async def test_a_reference_is_sent_once(town: Town) -> None:
    await town.sent(order(reference="PO-1"))
    again = await town.post(order(reference="PO-1"))
    assert (again.status_code, codes(again)) == (422, [("reference_seen", "items[0].reference")])
    twice = await town.post(order(reference="PO-2"), order(reference="PO-2"), key="k")
    assert codes(twice) == [("reference_seen", "items[1].reference")]
    at_once = await asyncio.gather(*(town.post(order(reference="PO-3")) for _ in range(5)))
    assert sorted(one.status_code for one in at_once) == [202, 422, 422, 422, 422]


async def test_a_scheduled_one_waits_and_may_be_cancelled_until_then(town: Town) -> None:
    later = (town.clock() + timedelta(hours=2)).isoformat()
    first, second = await town.sent(
        order(), order("+1 555 123 4567"), key="k", defaults={"send_at": later}
    )
    await town.settle()
    assert [await town.status(one) for one in (first, second)] == ["scheduled", "scheduled"]
    assert (await town.state.health.readiness())[1]["notifications"] == "2 waiting"
    gone = await town.call("DELETE", f"/{second}")
    assert gone.json() == {"cancelled": 1, "too_late": 0}
    await town.wait(7201)
    assert (town.got(ANA), town.got(JOHN)) == (["order_update"], [])
    assert [await town.status(one) for one in (first, second)] == ["read", "cancelled"]
    late = await town.call("DELETE", f"/{first}")
    assert (late.status_code, codes(late)) == (409, [("too_late", "")])


async def test_what_waits_in_the_outbox_can_be_cancelled_with_its_batch(town: Town) -> None:
    answer = await town.post(order(), order("+1 555 123 4567"), key="k")
    batch = answer.json()["batch_id"]
    await town.release()
    gone = await town.call("DELETE", f"/batches/{batch}")
    assert gone.json() == {"cancelled": 2, "too_late": 0}
    await town.settle()
    assert (town.got(ANA), town.got(JOHN)) == ([], [])
    ids = [one["id"] for one in answer.json()["items"]]
    assert [await town.status(one) for one in ids] == ["cancelled", "cancelled"]


async def test_what_expires_is_not_sent(town: Town) -> None:
    end = (town.clock() + timedelta(minutes=5)).isoformat()
    [first] = await town.sent(order(expires_at=end))
    town.clock.advance(timedelta(minutes=6))
    await town.settle()
    assert (town.got(ANA), await town.status(first)) == ([], "expired")
    end = (town.clock() + timedelta(minutes=5)).isoformat()
    [second] = await town.sent(order(expires_at=end))
    await town.release()
    town.clock.advance(timedelta(minutes=6))
    await town.settle()
    view = await town.view(second)
    assert (town.got(ANA), view["status"]) == ([], "failed")
    assert view["errors"][0]["message"] == "not sent: it expired before Meta took it"


async def test_a_failure_tells_metas_code_and_the_remedy_and_can_be_retried(town: Town) -> None:
    town.person(ANA).is_on_whatsapp = False
    [id_] = await town.sent(order(reference="PO-1", metadata={"n": 1}))
    await town.settle()
    view = await town.view(id_)
    [problem] = view["errors"]
    assert (view["status"], problem["code"], problem["meta_code"]) == (
        "failed",
        "refused_by_meta",
        131026,
    )
    assert problem["fix"].startswith("The number has no WhatsApp")
    town.person(ANA).is_on_whatsapp = True
    await town.wait(1)
    again = await town.call("POST", f"/{id_}/retry")
    assert again.status_code == 202, again.text
    [result] = again.json()["items"]
    await town.wait(1)
    retried = await town.view(result["id"])
    assert (retried["status"], retried["retry_of"], retried["metadata"]) == ("read", id_, {"n": 1})
    found = (await town.call("GET", params={"reference": "PO-1"})).json()
    assert [one["id"] for one in found["items"]] == [result["id"], id_]
    twice = await town.call("POST", f"/{id_}/retry")
    assert (twice.status_code, codes(twice)) == (409, [("not_retryable", "")])
    assert result["id"] in twice.json()["errors"][0]["fix"]
    delivered = await town.call("POST", f"/{result['id']}/retry")
    assert (delivered.status_code, codes(delivered)) == (409, [("not_retryable", "")])


async def test_a_text_is_sent_while_the_window_is_open(town: Town) -> None:
    text = {"to": "+57 300 123 4567", "text": "Your parcel is here."}
    closed = await town.post(text)
    assert codes(closed) == [("window_closed", "items[0].text")]
    await town.say("hello")
    await town.sent(text)
    await town.settle()
    assert town.replies()[-1] == "Your parcel is here."
    [late] = await town.sent({**text, "send_at": (town.clock() + timedelta(days=1)).isoformat()})
    await town.wait(timedelta(days=1, seconds=1).total_seconds())
    view = await town.view(late)
    assert (view["status"], view["errors"][0]["code"]) == ("refused", "window_closed")


async def test_who_wrote_stop_or_did_not_agree_gets_nothing(town: Town) -> None:
    refused = await town.post(offer())
    assert codes(refused) == [("marketing_consent_missing", "items[0].to")]
    await town.say("hello")
    await agree(town)
    await town.sent(offer())
    await town.settle()
    assert town.got(ANA) == ["offer"]
    soon = await town.post(offer())
    assert codes(soon) == [("marketing_too_soon", "items[0].to")]
    await town.say("STOP")
    stopped = await town.post(order())
    assert codes(stopped) == [("opted_out", "items[0].to")]


async def test_a_stop_counts_until_the_last_moment(town: Town) -> None:
    await town.say("hello")
    later = (town.clock() + timedelta(hours=1)).isoformat()
    [id_] = await town.sent(order(send_at=later))
    [in_outbox] = await town.sent(order())
    await town.release()
    await town.workers["conversations"].run_until_idle()
    town.account.say(town.person(ANA), {"type": "text", "text": {"body": "STOP"}})
    await town.account.webhooks.idle()
    await town.workers["conversations"].run_until_idle()
    await town.settle()
    assert town.got(ANA) == []
    view = await town.view(in_outbox)
    assert view["errors"][0]["message"] == "not sent: wrote STOP"
    await town.wait(3601)
    view = await town.view(id_)
    assert (view["status"], view["errors"][0]["code"]) == ("refused", "opted_out")


async def test_two_offers_in_one_batch_are_one_for_a_person(town: Town) -> None:
    await town.say("hello")
    await agree(town)
    first, second = await town.sent(offer(), offer(), key="k")
    await town.settle()
    assert town.got(ANA) == ["offer"]
    assert sorted([await town.status(first), await town.status(second)]) == ["read", "refused"]


async def test_a_paused_template_holds_what_waits(town: Town) -> None:
    [id_] = await town.sent(order())
    await town.meta_says("PAUSED")
    refused = await town.post(order())
    assert codes(refused) == [("paused", "items[0].template")]
    await town.settle()
    assert (town.got(ANA), await town.status(id_)) == ([], "pending")
    await town.meta_says("APPROVED")
    await town.wait(3 * 3600 + 1)
    assert (town.got(ANA), await town.status(id_)) == (["order_update"], "read")


async def test_what_meta_makes_marketing_needs_consent_from_then_on(town: Town) -> None:
    later = (town.clock() + timedelta(hours=1)).isoformat()
    [id_] = await town.sent(order(send_at=later))
    await town.meta_says("MARKETING", field="template_category_update")
    await town.wait(3601)
    view = await town.view(id_)
    assert (town.got(ANA), view["status"], view["category"]) == ([], "refused", "MARKETING")
    assert view["errors"][0]["code"] == "marketing_consent_missing"


async def test_one_that_cannot_be_read_keeps_no_other_waiting(town: Town) -> None:
    first, _ = await town.sent(order(), order("+1 555 123 4567"), key="k")
    broken = update(notification).where(notification.c.id == first).values(content="{")
    await town.database.submit(Transaction(lambda c, _: c.execute(broken) and None))
    await town.settle()
    assert (town.got(ANA), town.got(JOHN)) == ([], ["order_update"])
    view = await town.view(first)
    assert (view["status"], view["errors"][0]["code"]) == ("refused", "field_invalid")


async def test_a_clock_that_is_set_back_keeps_nobody_waiting(town: Town) -> None:
    await town.sent(*(order(f"+57300{number:07}") for number in range(100)), key="bulk")
    assert len(await released(town)) == 100
    town.clock.advance(timedelta(hours=-5))
    await town.sent(order())
    await town.release()
    town.clock.advance(timedelta(seconds=3))
    assert len(await released(town)) == 101


async def test_a_batch_is_released_in_pages_and_keeps_nobody_waiting(town: Town) -> None:
    page_seconds = 100 / (town.bot.parts.messages_per_second / 2)
    ids = await town.sent(*(order(f"+57300{number:07}") for number in range(250)), key="bulk")
    assert await released(town) == set(ids[:100])
    town.clock.advance(timedelta(seconds=page_seconds - 0.1))
    assert await released(town) == set(ids[:100])
    # A single one does not wait for the end of the batch.
    [single] = await town.sent(order("+1 555 123 4567"))
    town.clock.advance(timedelta(seconds=0.2))
    assert await released(town) == {single, *ids[:199]}
    town.clock.advance(timedelta(seconds=page_seconds))
    assert await released(town) == {single, *ids}


async def test_bulk_has_low_priority_and_a_login_code_a_high_one(town: Town) -> None:
    await town.sent(order())
    await town.release()
    code = {"name": "login", "parameters": ["493021"]}
    await town.sent({"to": "+1 555 123 4567", "template": code})
    await town.release()
    rows = await town.database.reader.run(
        lambda c, _: c.execute(
            select(job.c.lane, lane.c.priority)
            .join(lane, lane.c.name == job.c.lane)
            .where(job.c.kind == "send")
        ).all()
    )
    by_person = {name.rsplit(":", 1)[1]: priority for name, priority in rows}
    assert by_person == {ANA: Priority.LOW, JOHN: Priority.HIGH}


async def test_a_process_that_is_killed_loses_and_repeats_nothing(town: Town) -> None:
    await town.sent(order(), order("+1 555 123 4567"), key="k")
    await town.restart()  # before anything was released
    await town.release()
    await town.restart()  # before anything was sent
    await town.settle()
    again = await town.post(order(), order("+1 555 123 4567"), key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    await town.settle()
    assert (town.got(ANA), town.got(JOHN)) == (["order_update"], ["order_update"])


async def agree(town: Town, who: str = ANA) -> None:
    person = await town.user(who)
    write = change(person.key, {"marketing_at": town.clock()})
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, [write])))


async def released(town: Town) -> set[str]:
    """The notifications that are in the outbox once all that is due is there."""
    await town.release()
    query = select(notification.c.id).where(notification.c.stage == "released")
    return set(await town.database.reader.run(lambda c, _: c.scalars(query).all()))


async def stored(town: Town) -> tuple[int, int, int]:
    """Numbers of notifications, batches and people."""
    tables = (notification, notification_batch, user)

    def count(connection: Connection, _: float) -> list[int]:
        queries = (select(func.count()).select_from(one) for one in tables)
        return [connection.scalar(query) or 0 for query in queries]

    notifications, batches, people = await town.database.reader.run(count)
    return notifications, batches, people
