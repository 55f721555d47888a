"""Lists and statistics of notifications; what erasing and merging do with them."""

from datetime import timedelta

from sqlalchemy import select
from tests.fakes.bot import ANA, JOHN
from tests.features.notifications.town import Town, order

from app.runtime.retention import purge
from features.notifications.tables import notification, notification_batch
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.people.erasure import forget
from storage.person_table import forget_words, merge_users

EVA = "573009876543"


async def test_a_list_has_pages_and_filters(town: Town) -> None:
    ids = []
    for number in range(5):
        ids += await town.sent(order(f"+5730012345{number:02}", reference=f"R{number}"))
        await town.wait(1)
    newest = ids[::-1]
    first = (await town.call("GET", params={"limit": 2})).json()
    assert [one["id"] for one in first["items"]] == newest[:2]
    second = (await town.call("GET", params={"limit": 3, "after": first["next"]})).json()
    assert ([one["id"] for one in second["items"]], second["next"]) == (newest[2:], None)
    read = (await town.call("GET", params={"status": "read"})).json()["items"]
    assert len(read) == 5
    none = (await town.call("GET", params={"status": "failed", "template": "order_update"})).json()
    assert none == {"items": [], "next": None}


async def test_statistics_count_what_became_of_all(town: Town) -> None:
    town.person(JOHN).is_on_whatsapp = False
    later = (town.clock() + timedelta(days=1)).isoformat()
    await town.sent(order(), order("+1 555 123 4567"), order(f"+{EVA}", send_at=later), key="k")
    await town.settle()
    body = (await town.call("GET", "/statistics", params={"by": "template"})).json()
    [group] = body["groups"]
    counts = {name: count for name, count in group["by_status"].items() if count}
    assert (group["group"], group["total"]) == ({"template": "order_update"}, 3)
    assert counts == {"read": 1, "failed": 1, "scheduled": 1}
    assert group["failed_by_code"] == {"131026": 1}
    rates = [group[name]["rate"] for name in ("delivery", "read", "failure")]
    assert rates == [0.5, 1.0, 0.5]
    assert group["failure"]["of"] == "taken by Meta, or failed"
    by_day = (await town.call("GET", "/statistics", params={"by": "day"})).json()
    days = [one["group"]["day"] for one in by_day["groups"]]
    assert days == [town.clock().date().isoformat()]
    past = {"to": (town.clock() - timedelta(days=2)).isoformat()}
    assert (await town.call("GET", "/statistics", params=past)).json()["groups"] == []


async def test_erasing_a_person_takes_their_notifications_and_what_waits(town: Town) -> None:
    later = (town.clock() + timedelta(hours=1)).isoformat()
    await town.sent(order(), order(send_at=later), order("+1 555 123 4567"), key="k")
    await town.settle()
    person = await town.user(ANA)
    now = town.clock().timestamp()
    await town.database.submit(Transaction(lambda c, _: forget(c, person, now)))
    rows = await town.database.reader.run(
        lambda c, _: c.scalars(select(notification.c.recipient)).all()
    )
    assert rows == [JOHN]
    await town.wait(3601)
    assert town.got(ANA) == ["order_update"]
    refused = await town.post(order())
    assert [one["code"] for one in refused.json()["errors"]] == ["erased"]


async def test_people_are_told_what_is_kept_about_them(town: Town) -> None:
    await town.sent(order("+1 555 123 4567"))
    await town.settle()
    told = "\n".join(await town.say("show me my data", JOHN))
    assert "*Notices that we sent you:* 1; we keep their words for 8 days" in told


async def test_who_deletes_their_data_keeps_what_is_still_to_come(town: Town) -> None:
    later = (town.clock() + timedelta(hours=1)).isoformat()
    await town.sent(order(metadata={"n": 1}), order(send_at=later), key="k")
    await town.settle()
    person = await town.user(ANA)
    await town.database.submit(
        Transaction(lambda c, _: execute_writes(c, forget_words(person.key)))
    )
    of = notification.c
    query = select(of.recipient, of.content.is_(None), of.caller_data).order_by(of.position)
    rows = await town.database.reader.run(lambda c, _: c.execute(query).all())
    assert [tuple(row) for row in rows] == [("", True, None), (ANA, False, None)]
    await town.wait(3601)
    assert town.got(ANA) == ["order_update", "order_update"]


async def test_a_merged_person_gets_what_waits_for_the_row_of_before(town: Town) -> None:
    await town.say("hello", JOHN)
    [id_] = await town.sent(order(f"+{EVA}"))
    kept = await town.user(JOHN)
    await town.database.submit(Transaction(lambda c, _: merge_users(c, into=kept.key, other=EVA)))
    await town.settle()
    assert (town.got(JOHN), town.got(EVA)) == (["order_update"], [])
    assert await town.status(id_) == "read"


async def test_words_are_kept_for_days_and_numbers_for_months(town: Town) -> None:
    later = (town.clock() + timedelta(days=20)).isoformat()
    sent, waits = await town.sent(order(), order("+1 555 123 4567", send_at=later), key="k")
    await town.settle()
    town.clock.advance(timedelta(days=9))
    await purge(town.database, timedelta(days=8))
    assert (await town.view(sent))["to"] is None
    assert (await town.view(waits))["to"] == f"+{JOHN}"
    batches = await town.database.reader.run(
        lambda c, _: c.execute(select(notification_batch)).all()
    )
    assert batches == []
    again = await town.call("POST", f"/{sent}/retry")
    assert again.status_code == 409
    town.clock.advance(timedelta(days=82))
    await purge(town.database, timedelta(days=8))
    assert (await town.call("GET", f"/{sent}")).status_code == 404
