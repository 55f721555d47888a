"""A field that a fork adds to the registration is a column of Contacts."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field
from tests.fakes.bot import BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.operators import contact, record, sync
from tests.sample.flows import registration

from app.composition.conversations import load_conversations
from app.composition.features import operator_schemas
from domain.checks import Result
from emulator.airtable.testing import AirtableDouble
from features.airtable.base_schema import CONTACTS
from features.airtable.doctor import judge_schema
from features.airtable.field_ids import FieldIds, diff_schema
from flow_engine import Ask

ABOUT = "I bake bread and teach others how to do it."
TEXTS = "\n".join(
    f'[registration.{name}]\nlabel = "{name}"\nask = "{name}?"\ninvalid = "no"\n'
    for name in ("city", "seats")
)


class WithFields(registration.Registration):
    city: Literal["Boston", "Bogota"]
    seats: Annotated[int, Field(ge=1, le=9)]


@pytest.fixture(autouse=True)
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = registration.registration
    steps = (*flow.steps[:-1], Ask("city"), Ask("seats", private=True), flow.steps[-1])
    extended = replace(flow, form=WithFields, steps=steps)
    add_flow(monkeypatch, tmp_path, extended, TEXTS)
    monkeypatch.setattr(registration, "registration", extended)


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def test_the_answer_is_shown_and_what_operators_correct_counts(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    for answer in ("register", "Ana Gómez", "PASSPORT", "AB123456", "25/12/1990", ABOUT):
        await town.say(answer)
    await town.tap("Boston")
    await town.say("3")
    await town.tap("yes")
    await sync(town)
    row = contact(airtable)
    assert (row["City"], row["Seats"]) == ("Boston", 3)
    fields = {field.name: field.type for field in airtable.table("Contacts").fields}
    assert (fields["City"], fields["Seats"]) == ("singleSelect", "number")
    airtable.edit("Contacts", record(airtable), Seats=4, City="Bogota")
    await sync(town)
    await sync(town)
    assert (await town.user()).profile == {"city": "Bogota", "seats": 4}
    airtable.edit("Contacts", record(airtable), Seats=10)
    await sync(town)
    await sync(town)
    assert (await town.user()).profile["seats"] == 4
    row = contact(airtable)
    assert row["Seats"] == 4
    assert "Seats: “10” was not taken over: it has to be 9 or less" in row["Problem"]


def test_a_base_without_the_columns_is_told_what_is_missing() -> None:
    flows, _ = load_conversations()
    schemas = operator_schemas(flows.saved)
    base = [
        {
            "id": schema.name,
            "name": schema.name,
            "fields": [
                {"id": one.name, "name": one.name, "type": one.type, "options": one.options}
                for one in (CONTACTS.fields if schema.name == "Contacts" else schema.fields)
            ],
        }
        for schema in schemas
    ]
    _, difference = diff_schema(base, FieldIds(), schemas)
    [finding] = judge_schema(difference)
    assert finding.result is Result.FAIL
    assert "create field City (singleSelect) in Contacts" in finding.said
    assert "create field Seats (number) in Contacts" in finding.said
