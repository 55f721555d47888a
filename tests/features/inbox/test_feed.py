"""Open pages hear which conversations changed."""

import json

from tests.features.inbox.town import Town

from features.inbox.feed import InboxFeed


async def test_a_page_hears_of_each_conversation_that_changes(town: Town) -> None:
    await town.say("hello")
    feed = InboxFeed(town.database, sleep=town.sleep)
    events = feed.events()
    assert (await anext(events)).startswith("retry")
    await town.say("are you there?")
    event = await anext(events)
    assert json.loads(event.removeprefix("data: ")) == [(await town.user()).key]
    await events.aclose()
