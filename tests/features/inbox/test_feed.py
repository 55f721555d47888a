"""Open pages hear which conversations changed."""

import json
from collections.abc import AsyncGenerator
from typing import Any

from tests.fakes.bot import ANA
from tests.features.inbox.town import Town

from features.inbox.access import COOKIE
from features.inbox.feed import InboxFeed, OpenPage
from features.inbox.masks import SHOWS_ALL
from features.inbox.news import News
from features.inbox.operators import OWNER, Operator


async def see(_operator: Operator) -> None:
    """Nobody notes it."""


def feed_of(town: Town) -> AsyncGenerator[str, None]:
    feed = InboxFeed(town.database, sleep=town.sleep)
    return feed.events(town.cookies[COOKIE], see)


async def test_a_page_gets_each_conversation_that_changes(town: Town) -> None:
    await town.say("hello")
    events = feed_of(town)
    assert (await anext(events)).startswith("retry")
    await town.say("I want to talk to a person")
    [listed] = await town.threads()
    news = await heard_until(events, listed["rev"])
    assert news["rows"] == [listed]
    assert (news["gone"], news["waiting"], news["waiting_for_me"]) == ([], 1, 1)
    await events.aclose()


async def test_a_page_hears_that_a_person_was_erased(town: Town) -> None:
    await town.say("hello")
    key = (await town.user()).key
    events = feed_of(town)
    await anext(events)
    name = (await town.threads())[0]["name"]
    await town.act("erase", name=name)
    gone: list[str] = []
    while not gone:
        gone = heard(await anext(events))["gone"]
    assert gone == [key]
    await events.aclose()


async def test_a_page_of_an_ended_session_hears_nothing_more(town: Town) -> None:
    await town.say("hello")
    events = feed_of(town)
    await anext(events)
    await town.call("DELETE", "/api/session")
    await town.say("are you there?")
    assert [event async for event in events] == []


async def test_a_page_of_an_agent_shows_no_hidden_numbers(town: Town) -> None:
    await town.say("hello")
    owner = feed_of(town)
    made = await town.call("POST", "/api/operators", json={"name": "Ana Gil", "role": "agent"})
    await town.call("POST", "/api/masks", json={"is_on": True})
    await town.sign_in(made.json()["path"].partition("#")[2])
    agent = feed_of(town)
    for events in (owner, agent):
        await anext(events)
    await town.say("are you there?")
    [listed] = await town.threads()
    [shown], [hidden] = [
        (await heard_until(events, listed["rev"]))["rows"] for events in (owner, agent)
    ]
    assert hidden["key"] != shown["key"]
    assert ANA not in json.dumps(hidden)
    assert hidden == listed
    for events in (owner, agent):
        await events.aclose()


async def test_a_page_that_reads_slowly_costs_no_memory() -> None:
    page = OpenPage("secret")
    for number in range(10_000):
        rows = [{"key": f"person {number % 3}", "rev": number}]
        news = News({"secret": OWNER}, {False: rows}, [], SHOWS_ALL, {}, {})
        page.tell(news)
    assert len(page.rows) == 3
    found = await page.hear()
    assert found is not None
    assert [one["rev"] for one in found["rows"]] == [9999, 9997, 9998]
    assert not page.is_news.is_set()


async def heard_until(events: AsyncGenerator[str, None], rev: int) -> dict[str, Any]:
    """What a page hears last: a turn takes several commits."""
    while (news := heard(await anext(events)))["rows"][0]["rev"] < rev:
        pass
    return news


def heard(event: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.removeprefix("data: "))
    return found
