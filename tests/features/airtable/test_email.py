"""`email: EmailStr` in the registration: asked, checked, shown, corrected, and known afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, EmailStr
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.operators import contact, record, sync

from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from flow_engine import Ask, Effect, Flow, SaveProfile, Say

TEXTS = """
[contact_mail]
done = "Thank you: {email}."
[contact_mail.email]
label = "Mail"
ask = "What is your mail address?"
invalid = "A mail address, please."
"""


class Mail(BaseModel):
    email: EmailStr


def finish(mail: Mail) -> list[Effect]:
    return [SaveProfile({"email": mail.email}), Say("contact_mail.done", {"email": mail.email})]


MAIL: Flow[Any] = Flow(
    name="contact_mail",
    version=1,
    form=Mail,
    triggers=("my mail",),
    steps=(Ask("email"),),
    finish=finish,
)


@pytest.fixture
async def town(
    tmp_path: Path,
    airtable: AirtableDouble,
    openai: OpenAIDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, MAIL, TEXTS)
    town = BotHarness(tmp_path, airtable=airtable, openai=openai)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def test_a_mail_address_is_checked_shown_corrected_and_known(
    town: BotHarness, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    await town.say("my mail", JOHN)
    [refused] = await town.say("john at example", JOHN)
    assert refused.startswith("A mail address, please.")
    told = await town.say("It is John@Example.com", JOHN)
    assert told[0] == "Thank you: John@example.com."
    await sync(town)
    [column] = [one for one in airtable.table("Contacts").fields if one.name == "Email"]
    assert column.type == "email"
    assert contact(airtable, JOHN)["Email"] == "John@example.com"

    airtable.edit("Contacts", record(airtable, JOHN), Email="john@")
    await sync(town)
    await sync(town)
    row = contact(airtable, JOHN)
    assert row["Email"] == "John@example.com"
    assert row["Problem"].startswith("Email: “john@” was not taken over: it is not a mail address.")

    airtable.edit("Contacts", record(airtable, JOHN), Email="john@new.example.com")
    await sync(town)
    assert (await town.user(JOHN)).profile == {"email": "john@new.example.com"}
    await town.say("which bakery is near me?", JOHN)
    assert "john@new.example.com" in openai.model.asked[-1]["messages"][0]["content"]
