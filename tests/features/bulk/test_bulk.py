"""What all features share that write to many people: the pace, the limit of people, pauses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.fakes.bot import BotHarness

from domain.user import User
from features.bulk import pauses, reach
from features.bulk.feature import Bulk
from features.bulk.labels import Labels
from features.bulk.limits import UnknownLimit, people_of
from features.bulk.pace import BulkPace
from features.bulk.reach import Claim, Recipient
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.tables import deliveries
from storage.tables.rate_limits import block_until, make_budget, slowdown

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(Transaction(lambda c, _: execute_writes(c, writes)))


def stranger(name: str, marketed_by: str | None = None) -> Recipient:
    return Recipient(User(name, wa_id=name), marketed_by)


async def claimed(
    database: GroupCommit, *people: Recipient, at: datetime = NOW, portfolio: str = "p"
) -> Claim:
    return await database.submit(Transaction(lambda c, _: reach.claim(c, portfolio, people, at)))


@pytest.mark.parametrize(
    ("given", "people"),
    [
        ("TIER_250", 250),
        ("TIER_2K", 2000),
        ("TIER_100K", 100_000),
        (2000, 2000),
        ("TIER_UNLIMITED", None),
        (-1, None),
    ],
)
def test_a_limit_is_read_in_all_writings(given: object, people: int | None) -> None:
    assert people_of(given) == people


@pytest.mark.parametrize("given", [None, "TIER_NOT_SET", "", "K", 0])
def test_what_is_no_limit_is_not_taken_for_one(given: object) -> None:
    with pytest.raises(UnknownLimit):
        people_of(given)


async def test_people_wait_for_the_limit_and_nobody_counts_twice(database: GroupCommit) -> None:
    await write(database, reach.limit_is("p", 2, NOW))
    first = await claimed(database, *(stranger(name) for name in "abc"))
    assert (first.waiting, first.reach.count) == ({"c"}, 2)
    again = await claimed(database, stranger("a"), stranger("c"), at=NOW + timedelta(hours=1))
    assert (again.waiting, again.reach.count) == ({"c"}, 2)
    # b counts since a day by then, and a since an hour later
    assert again.wait_until == NOW + DAY
    tomorrow = await claimed(database, stranger("c"), at=NOW + DAY)
    assert (tomorrow.waiting, tomorrow.reach.count) == (set(), 2)
    other = await claimed(database, stranger("d"), portfolio="another")
    assert other.waiting == set()


async def test_an_open_window_needs_no_place(database: GroupCommit) -> None:
    await write(database, reach.limit_is("p", 1, NOW))
    wrote = User("a", wa_id="a", last_inbound_at=NOW - timedelta(hours=23))
    found = await claimed(database, Recipient(wrote), stranger("b"), stranger("c"))
    assert (found.waiting, found.reach.count) == ({"c"}, 1)


async def test_marketing_of_whatever_kind_counts_for_a_day(database: GroupCommit) -> None:
    """What is claimed again after a crash is the same."""
    assert (await claimed(database, stranger("a", "broadcast"))).marketed == frozenset()
    assert (await claimed(database, stranger("a", "broadcast"))).marketed == frozenset()
    assert (await claimed(database, stranger("a", "ntf_1"))).marketed == {"a"}
    assert (await claimed(database, stranger("a"))).marketed == frozenset()
    found = await database.submit(Transaction(lambda c, _: reach.marketed(c, {"a", "b"}, NOW)))
    assert found == {"a"}
    assert (await claimed(database, stranger("a", "ntf_1"), at=NOW + DAY)).marketed == frozenset()


async def test_senders_share_the_speed_of_a_number(database: GroupCommit) -> None:
    pace = BulkPace(database, "1", per_second=80)
    alone = await pace.turn("notify:shop", NOW)
    assert (alone.speed, alone.pause_after(100)) == (40, timedelta(seconds=2.5))
    await write(database, alone.busy_until(NOW + timedelta(seconds=2.5)))
    assert (await pace.turn("broadcast:b", NOW)).speed == 20
    assert (await pace.turn("notify:shop", NOW)).speed == 40
    assert (await BulkPace(database, "2", per_second=80).turn("x", NOW)).speed == 40
    assert (await pace.turn("broadcast:b", NOW + timedelta(seconds=3))).speed == 40


async def test_refusals_as_too_fast_halve_the_pace_for_a_while(database: GroupCommit) -> None:
    async def refused(at: float) -> None:
        def run(connection: Connection, _: float) -> None:
            make_budget.run(connection, name="1", now=at)
            block_until(connection, at, "1", seconds=1)

        await database.submit(Transaction(run))

    async def part(at: float) -> float:
        return await database.submit(Transaction(lambda c, _: slowdown(c, at, "1")))

    assert await part(1000) == 1
    for at in (1000, 1001, 1002):  # of one moment
        await refused(at)
    assert await part(1002) == 0.5
    for at in range(1010, 1100, 10):
        await refused(at)
    assert await part(1100) == 0.5**4
    assert [await part(at) for at in (1090 + 59, 1090 + 61, 1090 + 241)] == [0.5**4, 0.5**3, 1]


async def test_a_template_that_fails_too_often_is_noticed(database: GroupCommit) -> None:
    """Failures before it was resumed count no longer, and neither do others' templates."""
    bad = Labels("default", "1", "api", "bad", "en", "UTILITY")
    good = Labels("default", "1", "api", "good", "en", "UTILITY")
    await sent(database, bad, failing=19, taken=0, at=NOW)
    await sent(database, good, failing=20, taken=60, at=NOW)
    assert await failing(database, NOW) == {}
    await sent(database, bad, failing=1, taken=10, at=NOW)
    assert await failing(database, NOW) == {"template:bad:en": (20, 30)}

    def go_on(connection: Connection, _: float) -> bool:
        pauses.put(connection, "template:bad:en", "20 of 30", NOW)
        return pauses.resume(connection, "template:bad:en", NOW + timedelta(seconds=1))

    assert await database.submit(Transaction(go_on))
    assert await failing(database, NOW + timedelta(seconds=2)) == {}
    later = NOW + timedelta(seconds=3)
    await sent(database, bad, failing=20, taken=0, at=later)
    assert await failing(database, later) == {"template:bad:en": (20, 20)}
    assert await failing(database, later + timedelta(hours=1)) == {}


async def sent(
    database: GroupCommit, labels: Labels, *, failing: int, taken: int, at: datetime
) -> None:
    writes: list[Write] = [labels.write()]
    for number in range(failing + taken):
        id_ = deliveries.new_id(at)
        writes.append(
            deliveries.add(id_, user_key=None, kind="template", at=at, label=labels.at(at))
        )
        writes.append(
            deliveries.refuse(id_, code=131026, text="no", at=at)
            if number < failing
            else deliveries.accept(id_, f"wamid.{id_}", at=at)
        )
    await database.submit(Transaction(lambda c, _: execute_writes(c, writes)))


async def failing(database: GroupCommit, at: datetime) -> object:
    return await database.submit(Transaction(lambda c, _: pauses.failing_templates(c, at)))


async def test_metas_limit_is_read_at_the_start_and_told_by_webhooks(town: BotHarness) -> None:
    used = town.bot.parts.feature(Bulk).sending
    assert (await used.reach(town.clock())).most == 250
    assert "messaging limit" in (await town.state.health.readiness())[1]
    name = "max_daily_conversations_per_business"
    for field, given, most in (
        ("business_capability_update", "TIER_2K", 2000),
        ("phone_number_quality_update", "TIER_UNLIMITED", None),
    ):
        town.account.webhooks.send(field, {name: given}, field=field)
        await town.settle()
        assert (await used.reach(town.clock())).most == most


async def test_the_settings_count_more_than_meta(tmp_path: Path) -> None:
    town = BotHarness(tmp_path, messaging_limit=2000)
    town.account.number.messaging_limit = "TIER_250"
    await town.start()
    await town.settle()
    assert (await town.bot.parts.feature(Bulk).sending.reach(town.clock())).most == 2000
    await town.stop()
