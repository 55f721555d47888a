"""What operators correct in a profile counts in the next form, in "my data", for the assistant."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, EmailStr, Field
from tests.fakes.bot import BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.operators import contact, record, sync
from tests.sample.flows import registration

from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from flow_engine import Ask, Effect, Flow, Review, SaveRecord, Say

ABOUT = "I bake bread and teach others how to do it."
TEXTS = """
[registration.email]
label = "Email"
ask = "Your email?"
invalid = "That is no email."
[invoice]
done = "It goes to {email}."
[invoice.email]
label = "Email"
ask = "Where to?"
invalid = "That is no email."
[invoice.amount]
label = "Amount"
ask = "How much, for {email}?"
invalid = "A number, please."
"""


class WithEmail(registration.Registration):
    email: EmailStr


class Invoice(BaseModel):
    email: EmailStr
    amount: Annotated[int, Field(ge=1)]


def finish(invoice: Invoice) -> list[Effect]:
    answers = invoice.model_dump(mode="json")
    return [SaveRecord("invoices", answers), Say("invoice.done", answers)]


@pytest.fixture(autouse=True)
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = registration.registration
    steps = (*flow.steps[:-1], Ask("email"), flow.steps[-1])
    extended = replace(flow, form=WithEmail, steps=steps)
    invoice = Flow(
        name="invoice",
        version=1,
        form=Invoice,
        triggers=("invoice",),
        steps=(Ask("email", from_profile=True), Ask("amount"), Review()),
        finish=finish,
    )
    add_flow(monkeypatch, tmp_path, extended, TEXTS)
    add_flow(monkeypatch, tmp_path, invoice, TEXTS)
    monkeypatch.setattr(registration, "registration", extended)


@pytest.fixture
async def town(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable, openai=openai)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def register(town: BotHarness) -> None:
    answers = ("register", "Ana Gómez", "PASSPORT", "AB123456", "25/12/1990", ABOUT)
    for answer in (*answers, "ana@exmple.com"):
        await town.say(answer)
    await town.tap("yes")
    await sync(town)


async def test_the_next_form_takes_the_corrected_address(
    town: BotHarness, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    await register(town)
    assert await town.say("invoice") == ["How much, for ana@exmple.com?"]
    await town.say("cancel")
    airtable.edit("Contacts", record(airtable), Email="ana@example.com")
    await sync(town)
    assert contact(airtable)["Email"] == "ana@example.com"
    assert await town.say("invoice") == ["How much, for ana@example.com?"]
    [review] = await town.say("30")
    assert "*Email:* ana@example.com" in review
    assert (await town.tap("right"))[0].startswith("It goes to ana@example.com.")
    assert "ana@example.com" in "\n".join(await town.say("my data"))
    await town.say("which bakery is near me?")
    assert '"email": "ana@example.com"' in openai.model.asked[-1]["messages"][0]["content"]


async def test_a_wrong_address_is_refused_and_the_form_keeps_the_old_one(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Email="ana at example")
    await sync(town)
    await sync(town)
    assert "Email: “ana at example” was not taken over" in contact(airtable)["Problem"]
    assert await town.say("invoice") == ["How much, for ana@exmple.com?"]


async def test_who_has_no_profile_is_asked(town: BotHarness) -> None:
    assert await town.say("invoice") == ["Where to?"]
    assert await town.say("ana@example.com") == ["How much, for ana@example.com?"]
