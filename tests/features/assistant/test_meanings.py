"""Answers in forms that no rule can read are read by the model, and checked by the form."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow

from features.assistant import meanings
from flow_engine import Ask, Flow, Review, SaveProfile, Say
from services.agent import AgentReply, AgentRequest, AgentUnavailable

NUMBER = "What is its number?"


class Reader:
    """A model that says what a test wants, one thing after the other."""

    def __init__(self) -> None:
        self.says: list[str] = []
        self.asked: list[AgentRequest] = []

    async def reply(self, asked: AgentRequest) -> AgentReply:
        self.asked.append(asked)
        if not self.says:
            raise AgentUnavailable("no answer", tokens=3)
        return AgentReply(self.says.pop(0), tokens=40)


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
async def town(tmp_path: Path, reader: Reader) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, reader, openai_daily_tokens_per_person=100)
    await town.start()
    await town.say("register", JOHN)
    yield town
    await town.stop()


async def at_document(town: BotHarness) -> None:
    await town.say("Grace Hopper", JOHN)


async def test_words_are_mapped_to_an_option(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    reader.says = ["PASSPORT"]
    assert await town.say("the little red booklet for travelling", JOHN) == [NUMBER]
    [asked] = reader.asked
    assert asked.text == "the little red booklet for travelling"
    assert "Which identity document do you have?" in asked.prompt
    assert "CE: Foreigner ID" in asked.prompt
    assert asked.requester is None


@pytest.mark.parametrize("said", ["-", "", "DRIVING_LICENCE", "It is the passport, I think", "yes"])
async def test_what_is_no_option_is_refused_once(
    town: BotHarness, reader: Reader, said: str
) -> None:
    await at_document(town)
    reader.says = [said]
    [refused] = await town.say("the little red booklet", JOHN)
    assert "Which identity document do you have?" in refused
    assert len(reader.asked) == 1


async def test_rules_come_first(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    assert await town.say("passprt please", JOHN) == [NUMBER]
    assert reader.asked == []


async def test_a_value_has_to_be_in_the_words_of_the_person(
    town: BotHarness, reader: Reader
) -> None:
    reader.says = ["Ada Lovelace"]
    [refused] = await town.say("they all know me as the one from accounting", JOHN)
    assert "What is your full name?" in refused
    reader.says = ["Grace Hopper"]
    [taken] = await town.say("it says Grace Hopper there but they call me Amazing", JOHN)
    assert taken.startswith("Which identity document")


async def test_a_date_is_read_and_checked(town: BotHarness, reader: Reader) -> None:
    for text in ("Grace Hopper", "passport", "AB1020300"):
        await town.say(text, JOHN)
    reader.says = ["2999-01-01"]
    assert "When were you born?" in (await town.say("in the far future", JOHN))[0]
    reader.says = ["1990-12-26"]
    [asked] = await town.say("one day after Christmas, back in 1990", JOHN)
    assert asked.startswith("Tell us")


async def test_nobody_agrees_by_a_model(town: BotHarness, reader: Reader) -> None:
    for text in ("Grace Hopper", "passport", "AB1020300", "25/12/1990", "I like music and boats"):
        await town.say(text, JOHN)
    reader.says = ["yes"]
    await town.say("whatever you think is best", JOHN)
    assert (await town.user(JOHN)).consent_at is None


class Terms(BaseModel):
    town: str
    terms: Literal["agree", "leave"]


TERMS_TEXTS = """
[terms]
done = "Welcome."
[terms.town]
label = "Town"
ask = "Which town?"
invalid = "?"
[terms.terms]
ask = "May we keep this? {answers}"
invalid = "?"
options.agree.title = "%s"
options.leave.title = "Leave"
"""


@pytest.mark.parametrize("title", ["I agree", "Continue"])
@pytest.mark.parametrize("step", [Ask("terms"), Review("terms")])
async def test_nobody_agrees_by_a_model_whatever_the_options_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Reader, step: Ask, title: str
) -> None:
    agreed = (SaveProfile({"consent_version": "1"}), Say("terms.done"))
    terms = Flow(
        name="terms", version=1, form=Terms, triggers=("terms",), steps=(Ask("town"), step),
        finish=lambda form: agreed if form.terms == "agree" else (),
    )  # fmt: skip
    texts = TERMS_TEXTS if isinstance(step, Review) else TERMS_TEXTS.replace(" {answers}", "")
    add_flow(monkeypatch, tmp_path, terms, texts % title)
    town = BotHarness(tmp_path, reader)
    await town.start()
    await town.say("terms", JOHN)
    await town.say("Bogotá", JOHN)
    reader.says = ["agree"]
    [refused] = await town.say("whatever you think is best", JOHN)
    assert "May we keep this?" in refused
    assert (await town.user(JOHN)).consent_at is None
    await town.tap("agree", JOHN)
    assert (await town.user(JOHN)).consent_at is not None
    await town.stop()


async def test_without_a_budget_the_rules_answer_alone(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    for _ in range(4):
        reader.says.append("-")
        [refused] = await town.say("the little red booklet", JOHN)
        assert "Which identity document do you have?" in refused
    assert len(reader.asked) == 3


async def test_a_model_that_is_down_leaves_nobody_without_an_answer(town: BotHarness) -> None:
    await at_document(town)
    [refused] = await town.say("the little red booklet", JOHN)
    assert "Which identity document do you have?" in refused


class Slow(Reader):
    async def reply(self, asked: AgentRequest) -> AgentReply:
        await asyncio.Event().wait()
        raise AssertionError("it waits for ever")


async def test_the_model_has_little_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "MAX_TIME", timedelta(0))
    town = BotHarness(tmp_path, Slow())
    await town.start()
    await town.say("register", JOHN)
    await at_document(town)
    [refused] = await town.say("the little red booklet", JOHN)
    assert "Which identity document do you have?" in refused
    await town.stop()


async def say_without_model(town: BotHarness, text: str) -> list[str]:
    """Say something while the model is still thinking."""
    model = town.workers.pop("assistant")
    said = await town.say(text, JOHN)
    town.workers["assistant"] = model
    return said


async def test_nobody_gets_two_answers(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    reader.says = ["PASSPORT", "CE"]
    assert await say_without_model(town, "the little red booklet") == []
    assert await town.say("citizen id", JOHN) == [NUMBER]


async def test_more_words_are_read_together(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    reader.says = ["PASSPORT", "PASSPORT"]
    assert await say_without_model(town, "the little red one") == []
    assert await town.say("for travelling abroad", JOHN) == [NUMBER]
    assert reader.asked[-1].text == "the little red one\nfor travelling abroad"


@pytest.mark.needs("faq")
async def test_what_was_asked_meanwhile_is_the_only_answer(
    town: BotHarness, reader: Reader
) -> None:
    await at_document(town)
    reader.says = ["PASSPORT"]
    assert await say_without_model(town, "the little red one") == []
    [answered] = await town.say("why do you need my document?", JOHN)
    assert answered.startswith("To register you")
    assert "Which identity document do you have?" in answered


@pytest.mark.needs("kept_forms")
async def test_a_menu_that_was_asked_for_meanwhile_is_the_only_answer(
    town: BotHarness, reader: Reader
) -> None:
    await at_document(town)
    reader.says = ["PASSPORT"]
    assert await say_without_model(town, "the little red one") == []
    [menu] = await town.say("menu", JOHN)
    assert "What would you like to do?" in menu
    [again] = await town.say("continue", JOHN)
    assert "Which identity document do you have?" in again


async def test_who_left_the_form_hears_nothing_more(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    reader.says = ["PASSPORT"]
    assert await say_without_model(town, "the little red one") == []
    [cancelled, *_] = await town.say("cancel", JOHN)
    assert cancelled.startswith("Cancelled")


async def test_a_restart_loses_no_answer(town: BotHarness, reader: Reader) -> None:
    await at_document(town)
    reader.says = ["PASSPORT"]
    assert await say_without_model(town, "the little red one") == []
    await town.restart()
    assert await town.wait(0, JOHN) == [NUMBER]


class Visit(BaseModel):
    reason: Literal["pain", "control"]
    extras: list[Literal["tea", "cake"]]


VISIT = Flow(
    name="visit",
    version=1,
    form=Visit,
    triggers=("visit",),
    steps=(Ask("reason", private=True), Ask("extras")),
    finish=lambda visit: [Say("visit.done", {"extras": ", ".join(visit.extras)})],
)
VISIT_TEXTS = """
[visit]
done = "See you, with {extras}."
[visit.reason]
ask = "Why do you come?"
invalid = "?"
options.pain.title = "Pain"
options.control.title = "Control"
[visit.extras]
ask = "What would you like?"
invalid = "?"
options.tea.title = "Tea"
options.cake.title = "Cake"
"""


async def test_private_answers_stay_here_and_several_may_be_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: Reader
) -> None:
    add_flow(monkeypatch, tmp_path, VISIT, VISIT_TEXTS)
    town = BotHarness(tmp_path, reader)
    await town.start()
    await town.say("visit", JOHN)
    reader.says = ["pain"]
    [refused] = await town.say("my back hurts like hell", JOHN)
    assert "Why do you come?" in refused
    assert reader.asked == []
    await town.say("pain", JOHN)
    reader.says = ["tea, cake"]
    assert await town.say("a hot drink and something sweet", JOHN) == ["See you, with tea, cake."]
    await town.stop()
