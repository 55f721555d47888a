"""Who gets a broadcast when others look at the same people, in both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.fakes.clock import ManualClock

from domain.user import User
from features.airtable.tables import contacts as desk
from features.broadcasts.recipient_pages import Page, Reader
from features.broadcasts.state import BroadcastPlan
from features.templates.model import MARKETING
from jobs.commit import CommitJobs
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade
from storage.tables import users

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PEOPLE = [f"person {number:03}" for number in range(200)]
PAGE = 10


async def agreed(database: GroupCommit) -> None:
    """They wrote, and want marketing."""
    for key in PEOPLE:
        seen = desk.touch(key, phone_number_id="1", message="hi", waits=True)
        wants = users.change(key, {"marketing_at": NOW})
        await database.submit(CommitJobs(writes=[users.add(User(key, wa_id=key)), seen]))
        await database.submit(CommitJobs(writes=[wants]))


def reader(broadcast_id: str, category: str = MARKETING) -> Reader:
    return Reader(broadcast_id, BroadcastPlan(), category, lambda _: None)


async def claim(
    database: GroupCommit, broadcast_id: str, *, after: str = "", now: datetime = NOW
) -> Page:
    return await database.submit(reader(broadcast_id).claim(after, most=PAGE, now=now))


async def claim_all(database: GroupCommit, broadcast_id: str) -> list[str]:
    """The keys of those whom a broadcast chooses, page by page."""
    chosen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await claim(database, broadcast_id, after=after)
        chosen += keys(page)
        after = page.last
    return chosen


def keys(page: Page) -> list[str]:
    return [row.user.key for row in page.chosen]


async def test_everybody_gets_marketing_of_one_broadcast(database: GroupCommit) -> None:
    await agreed(database)
    chosen = await asyncio.gather(*(claim_all(database, one) for one in "abc"))
    assert sorted(key for some in chosen for key in some) == PEOPLE


async def test_everybody_gets_marketing_of_one_process(
    postgres_url: str, clock: ManualClock
) -> None:
    engines = [open_engine(postgres_url) for _ in range(3)]
    upgrade(engines[0])
    databases = [GroupCommit(one, lambda _: clock.now) for one in engines]
    await agreed(databases[0])
    claims = zip(databases, "abc", strict=True)
    chosen = await asyncio.gather(*(claim_all(database, one) for database, one in claims))
    assert sorted(key for some in chosen for key in some) == PEOPLE
    for database in databases:
        await database.close()


async def test_a_page_that_is_claimed_again_is_the_same(database: GroupCommit) -> None:
    await agreed(database)
    page = await claim(database, "a")
    assert keys(page) == PEOPLE[:PAGE]
    later = NOW + timedelta(minutes=1)
    assert keys(await claim(database, "a", now=later)) == PEOPLE[:PAGE]
    other = await claim(database, "b", now=later)
    assert (keys(other), other.skipped) == ([], {"had marketing within a day": PAGE})
    assert other.last == page.last


async def test_to_look_claims_nobody_and_neither_does_what_is_no_marketing(
    database: GroupCommit,
) -> None:
    await agreed(database)
    await database.submit(reader("a").look_at("", most=PAGE, now=NOW))
    await database.submit(reader("a", "UTILITY").claim("", most=PAGE, now=NOW))
    assert keys(await claim(database, "b")) == PEOPLE[:PAGE]
