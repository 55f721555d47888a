"""Ads and posts: they may start a flow, and forms know which one led a person to the bot."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.rows import rows

from app.checks.flow_links import link_faults
from flow_engine import Ask, Effect, Flow, FlowDefinitionError, FromReferral, SaveRecord, Say
from flow_engine.field_types import REFERRAL_FIELDS
from schemas import referrals

AD = {
    "source_type": "ad",
    "source_id": "120330",
    "source_url": "https://fb.me/x",
    "headline": "Pottery, half price",
    "body": "Only this week",
    "ctwa_clid": "click",
    "ref": "pottery",
}


class Lead(BaseModel):
    name: str
    ad: Annotated[str, FromReferral("headline")] = ""
    ad_id: Annotated[str, FromReferral("source_id")] = ""


def finish(lead: Lead) -> list[Effect]:
    return [SaveRecord("leads", lead.model_dump()), Say("lead.done", {"ad": lead.ad})]


def make_flow(**changes: Any) -> Flow[Lead]:
    given: dict[str, Any] = {
        "name": "lead",
        "version": 1,
        "form": Lead,
        "triggers": ("pottery",),
        "referrals": ("120330", "pottery-payload"),
        "steps": (Ask("name"),),
        "finish": finish,
    }
    return Flow(**(given | changes))


TEXTS = """
[lead]
done = "Thank you! {ad}"
name.ask = "Welcome! {ad} What is your name?"
name.invalid = "Your name, please."
"""


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, make_flow(), TEXTS)
    bot = BotHarness(tmp_path)
    await bot.start()
    yield bot
    await bot.stop()


async def come_from(town: BotHarness, text: str, **of: str) -> list[str]:
    """Write as somebody who has tapped an ad."""
    content = {"type": "text", "text": {"body": text}, "referral": AD | of}
    return await town.send(content, JOHN)


async def test_an_ad_starts_its_flow_and_the_form_knows_it(town: BotHarness) -> None:
    [asked] = await come_from(town, "Hello! Can I get more info on this?")
    assert asked == "Welcome! Pottery, half price What is your name?"
    said = await town.say("John", JOHN)
    assert said[0].startswith("Thank you! Pottery, half price")
    [fields] = await rows(town, "record", "fields")
    assert '"ad":"Pottery, half price"' in fields.replace(": ", ":")
    assert "120330" in fields


async def test_the_payload_of_an_ad_starts_its_flow_too(town: BotHarness) -> None:
    [asked] = await come_from(town, "hi", source_id="7", ref="pottery-payload")
    assert asked.startswith("Welcome!")


async def test_another_ad_shows_the_menu_and_is_remembered(town: BotHarness) -> None:
    [menu] = await come_from(town, "Hello! Can I get more info on this?", source_id="7")
    assert menu == "Hello! What would you like to do?"
    [asked] = await town.say("pottery", JOHN)
    assert asked == "Welcome! Pottery, half price What is your name?"


async def test_who_asks_for_something_else_gets_it(town: BotHarness) -> None:
    [asked] = await come_from(town, "register")
    assert asked == "What is your full name?"


async def test_without_a_referral_the_field_stays_as_it_is(town: BotHarness) -> None:
    [asked] = await town.say("pottery", JOHN)
    assert asked == "Welcome!  What is your name?"


async def test_starting_again_keeps_what_is_known(town: BotHarness) -> None:
    await come_from(town, "hello")
    [asked] = await town.say("start again", JOHN)
    assert asked == "Welcome! Pottery, half price What is your name?"


async def test_stop_counts_whatever_the_ad_starts(town: BotHarness) -> None:
    [told] = await come_from(town, "STOP")
    assert told.startswith("You won't get any more messages")


def test_what_cannot_be_filled_in_stops_the_start() -> None:
    class Odd(BaseModel):
        name: str
        ad: Annotated[str, FromReferral("title")]
        link: Annotated[str, FromReferral("source_url")] = ""

    with pytest.raises(FlowDefinitionError) as error:
        make_flow(form=Odd, steps=(Ask("name"), Ask("link")), finish=lambda _: ())
    told = str(error.value)
    assert "a referral has no title" in told
    assert "ad is empty for people without a referral; give it a default" in told
    assert "link is filled in from the referral, so it cannot be asked" in told


def test_one_ad_starts_one_flow() -> None:
    other = make_flow(name="other", triggers=())
    faults = [str(one) for one in link_faults([make_flow(), other])]
    assert any('the ad or post "120330" already starts lead' in one for one in faults)


def test_flows_name_what_is_kept_of_a_referral() -> None:
    assert REFERRAL_FIELDS == referrals.FIELDS
