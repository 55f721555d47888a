"""The pace of notifications: turns, Meta's limit of people, pauses, and templates that wait."""

from datetime import timedelta
from pathlib import Path

from tests.fakes.bot import ANA, JOHN
from tests.features.notifications.town import Town, codes, order

from emulator.cloud_api.config import Config
from emulator.cloud_api.testing import completed
from features.bulk.feature import Bulk
from features.bulk.reach import Recipient
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables.users import change

EVA = "573009876543"


def orders(count: int, first: int = 0) -> list[dict[str, object]]:
    """To as many strangers."""
    return [order(f"+57 300 200 {number:04}") for number in range(first, first + count)]


def people_sent(town: Town) -> list[str]:
    """Who got a template so far."""
    return [one.wa_id for one in town.account.people.recent(5000) if town.got(one.wa_id)]


async def test_who_is_over_metas_limit_waits_and_operators_are_told(tmp_path: Path) -> None:
    town = Town(tmp_path, messaging_limit=10)
    await town.begin()
    ids = await town.sent(*orders(13), key="k")
    await town.settle()
    assert len(people_sent(town)) == 10
    health = (await town.state.health.readiness())[1]
    assert (health["messaging limit"], health["notifications"]) == (
        "10 of 10 people within 24 hours",
        "3 waiting",
    )
    assert await town.status(ids[-1]) == "pending"
    await town.sent(order(f"+57 300 200 {0:04}"))  # they count already
    await town.wait(1)
    assert town.got("573002000000") == ["order_update"] * 2
    await town.wait(timedelta(hours=24, minutes=2).total_seconds())
    await town.wait(60)
    assert len(people_sent(town)) == 13
    await town.stop()


async def test_a_batch_that_fails_pauses_until_it_is_resumed(tmp_path: Path) -> None:
    town = Town(tmp_path, emulated=Config(messages_per_second=1000))
    await town.begin()
    for number in range(100):
        town.person(f"57300200{number:04}").is_on_whatsapp = number >= 40
    answer = await town.post(*orders(150), key="k")
    batch = answer.json()["batch_id"]
    await town.settle()
    paused = (await town.call("GET", "/pauses")).json()["items"]
    assert {one["id"] for one in paused} == set()
    await town.wait(1)
    paused = (await town.call("GET", "/pauses")).json()["items"]
    assert {(one["id"], one["reason"], one["waiting"]) for one in paused} == {
        (f"batch:{batch}", "40 of 100 messages failed.", 50),
        ("template:order_update:en", "40 of 100 messages failed.", 50),
    }
    await town.wait(700)
    assert len(people_sent(town)) == 100
    other = await town.call("DELETE", "/pauses/batch:bat_00")
    assert (other.status_code, codes(other)) == (409, [("not_paused", "")])
    for one in paused:
        assert (await town.call("DELETE", f"/pauses/{one['id']}")).status_code == 204
    await town.wait(1)
    await town.wait(1)
    assert len(people_sent(town)) == 150
    assert (await town.call("GET", "/pauses")).json() == {"items": []}
    await town.stop()


async def test_what_waits_in_the_outbox_waits_for_a_paused_template(town: Town) -> None:
    """And is sent once Meta takes it again; what expires meanwhile is not."""
    end = (town.clock() + timedelta(minutes=30)).isoformat()
    first, second = await town.sent(order(), order(f"+{JOHN}", expires_at=end), key="k")
    await town.release()
    await town.meta_says("PAUSED")
    await town.settle()
    assert [await town.status(one) for one in (first, second)] == ["pending", "pending"]
    assert town.got(ANA) == []
    await town.wait(31 * 60)
    assert [await town.status(one) for one in (first, second)] == ["pending", "expired"]
    await town.meta_says("APPROVED")
    await town.wait(7 * 3600)
    assert (town.got(ANA), town.got(JOHN)) == (["order_update"], [])
    assert await town.status(first) == "read"


async def test_a_template_under_review_again_holds_what_waits_up_to_a_week(town: Town) -> None:
    later = (town.clock() + timedelta(hours=1)).isoformat()
    [id_] = await town.sent(order(send_at=later))
    await town.meta_says("REJECTED")
    await town.wait(3700)
    assert await town.status(id_) == "pending"
    await town.wait(timedelta(days=7).total_seconds())
    view = await town.view(id_)
    assert (view["status"], view["errors"][0]["code"]) == ("refused", "held_too_long")


async def test_refusals_as_too_fast_lose_nothing_and_halve_the_pace(town: Town) -> None:
    faults = town.account.fault_injector
    ids = await town.sent(*orders(150), key="k")
    faults.set(faults.chaos.changed(error_130429=0.2))
    await town.settle()
    sending = town.bot.parts.feature(Bulk).sending
    assert (await sending.pace.turn("x", town.clock())).speed <= 250
    faults.set(faults.chaos.changed(error_130429=0))
    for _ in range(20):
        await town.wait(5)
    assert len(people_sent(town)) == 150
    assert {await town.status(one) for one in ids[:5]} == {"read"}


async def test_meta_may_hold_a_message_and_drop_it_later(town: Town) -> None:
    """It is shown as held, and fails with Meta's code."""
    given = {"name": "paced", "language": "en", "category": "UTILITY"}
    body = [{"type": "BODY", "text": "Your order is here."}]
    town.account.templates.create(completed({**given, "components": body}))
    town.clock.advance(timedelta(minutes=1))
    town.account.tell_reviews()
    await town.settle()
    [id_] = await town.sent(order(template={"name": "paced"}))
    await town.settle()
    view = await town.view(id_)
    assert (view["status"], view["is_held"]) == ("accepted", True)
    await town.meta_says("PAUSED", "paced")
    await town.settle()
    view = await town.view(id_)
    assert (view["status"], view["is_held"], view["errors"][0]["meta_code"]) == (
        "failed",
        False,
        132015,
    )


async def test_marketing_of_a_broadcast_counts_for_notifications(town: Town) -> None:

    await town.say("hello")
    user = await town.user()
    agreed = change(user.key, {"marketing_at": town.clock()})
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, [agreed])))
    offer = {"to": f"+{ANA}", "template": {"name": "offer"}}
    [waits] = await town.sent({**offer, "send_at": (town.clock() + timedelta(hours=1)).isoformat()})
    sending = town.bot.parts.feature(Bulk).sending
    await sending.claim([Recipient(user, "broadcast")], town.clock())
    refused = await town.post(offer)
    assert codes(refused) == [("marketing_too_soon", "items[0].to")]
    await town.wait(3700)
    view = await town.view(waits)
    assert (view["status"], view["errors"][0]["code"]) == ("refused", "marketing_too_soon")
