"""Open pages hear which conversations changed."""

import json

from tests.features.inbox.town import Town

from features.inbox.feed import InboxFeed, OpenPage
from features.inbox.masks import SHOWS_ALL, Mask


async def always() -> Mask | None:
    return SHOWS_ALL


async def test_a_page_hears_of_each_conversation_that_changes(town: Town) -> None:
    await town.say("hello")
    feed = InboxFeed(town.database, sleep=town.sleep)
    events = feed.events(always)
    assert (await anext(events)).startswith("retry")
    await town.say("are you there?")
    event = await anext(events)
    assert json.loads(event.removeprefix("data: ")) == [(await town.user()).key]
    await events.aclose()


async def test_a_page_of_an_ended_session_hears_nothing_more(town: Town) -> None:
    await town.say("hello")
    sessions = [SHOWS_ALL, None]

    async def mask_of_reader() -> Mask | None:
        return sessions.pop(0)

    events = InboxFeed(town.database, sleep=town.sleep).events(mask_of_reader)
    assert (await anext(events)).startswith("retry")
    for word in ("are you there?", "hello?"):
        await town.say(word)
        heard = [event async for event in events] if len(sessions) == 1 else await anext(events)
    assert heard == []


async def test_a_page_that_reads_slowly_costs_no_memory() -> None:
    page = OpenPage()
    for number in range(10_000):
        page.tell([f"person {number % 3}"])
    assert len(page.changed) == 3
    assert await page.hear() == ["person 0", "person 1", "person 2"]
    assert not page.is_news.is_set()
