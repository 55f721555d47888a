"""Our service against the emulated Airtable: one request each, its pace, typed troubles."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.user import User
from emulator.airtable.config import AirtableConfig
from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.testing import AirtableDouble
from features.airtable.base_schema import CONSENT_LOG, CONTACTS
from features.airtable.base_setup import complete
from features.airtable.field_ids import FieldIds
from features.airtable.record_mappers import contact_to_record
from features.airtable.sync import next_month
from features.airtable.sync_cycle import SyncSettings
from features.airtable.tables.contacts import Contact
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.operator_tables import Owner


def make_service(airtable: AirtableDouble, **changes: Any) -> AirtableService:
    given = {"api_key": airtable.config.token, "base_id": airtable.config.base_id} | changes
    return AirtableService(**{"base_url": airtable.url, "sleep": at_once, **given})


async def at_once(_seconds: float) -> None:
    """Does not wait."""


@pytest.fixture
async def service(airtable: AirtableDouble) -> AsyncIterator[AirtableService]:
    service = make_service(airtable)
    await complete(service, FieldIds(), (CONTACTS, CONSENT_LOG))
    yield service
    service.close()


async def test_a_registered_user_is_found_by_number(
    service: AirtableService, airtable: AirtableDouble
) -> None:
    assert await service.get_registered_user("573001234567") is None
    made = await service.register_user({"Contact": "ana", "Phone": "+573001234567"})
    assert await service.get_registered_user("573001234567") is None  # wrote, and no more
    await service.register_user({"Contact": "ana", "Registered at": "2026-01-02T10:00:00.000Z"})
    for phone in ("573001234567", "+573001234567", "+57 300 123-4567"):
        found = await service.get_registered_user(phone)
        assert found is not None
        assert found["id"] == made["id"]
    again = await service.register_user({"Contact": "ana", "Name": "Ana"})
    assert again["id"] == made["id"]
    assert len(airtable.rows("Contacts")) == 1


async def test_a_base_from_before_a_language_gets_its_choice(
    service: AirtableService, airtable: AirtableDouble
) -> None:
    made = await service.register_user({"Contact": "ana", "Language": "fr"})
    await service.update("Contacts", {made["id"]: {"Language": "eu"}})
    assert airtable.rows("Contacts")[0]["Language"] == "eu"


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (401, "AUTHENTICATION_REQUIRED", errors.WrongToken),
        (403, "INVALID_PERMISSIONS", errors.Forbidden),
        (404, "NOT_FOUND", errors.NotFound),
        (422, "INVALID_VALUE_FOR_COLUMN", errors.WrongValue),
        (429, "RATE_LIMIT_REACHED", errors.TooFast),
        (429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED", errors.OverQuota),
        (500, "SERVER_ERROR", errors.Unreachable),
        (503, "SERVICE_UNAVAILABLE", errors.Unreachable),
    ],
)
async def test_troubles_have_types(
    service: AirtableService,
    airtable: AirtableDouble,
    status: int,
    kind: str,
    error: type[errors.AirtableError],
) -> None:
    airtable.workspace.trouble.refusal = AirtableRefusal(status, kind, "because")
    with pytest.raises(error, match=f"{kind}: because"):
        await service.tables()


async def test_who_does_not_answer_is_unreachable(airtable: AirtableDouble) -> None:
    service = make_service(airtable, base_url="http://127.0.0.1:9")
    with pytest.raises(errors.Unreachable):
        await service.tables()
    service.close()


async def test_who_takes_too_long_is_unreachable_and_holds_nobody_up(
    airtable: AirtableDouble,
) -> None:
    service = make_service(airtable, timeout=(1, 0.05))
    airtable.workspace.trouble.seconds = 0.3
    asking = asyncio.create_task(service.tables())
    await asyncio.sleep(0)  # others get their turns while a thread waits
    assert not asking.done()
    with pytest.raises(errors.Unreachable):
        await asking
    service.close()


async def test_a_message_about_an_unknown_field_names_it(service: AirtableService) -> None:
    with pytest.raises(errors.WrongValue, match="Nmae") as caught:
        await service.register_user({"Contact": "ana", "Nmae": "Ana"})
    assert caught.value.is_about_fields


async def test_each_call_is_one_request(service: AirtableService, airtable: AirtableDouble) -> None:
    before = airtable.workspace.limits.count
    people = [(None, {"Contact": str(number)}) for number in range(10)]
    await service.upsert("Contacts", people, key_field="Contact")
    records, offset = await service.page("Contacts")
    assert (len(records), offset) == (10, None)
    await service.delete("Contacts", [one["id"] for one in records])
    assert airtable.workspace.limits.count == before + 3


async def test_the_sixth_request_waits_until_a_second_after_the_first_has_ended() -> None:
    airtable = AirtableDouble(AirtableConfig(per_second=0))
    await airtable.start()
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    service = make_service(airtable, sleep=note)
    await asyncio.gather(*(service.scopes() for _ in range(5)))
    assert waits == []
    await service.scopes()
    [wait] = waits
    assert 0 < wait <= 1
    service.close()
    await airtable.stop()


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-21T10:00:00+00:00", "2026-12-01T00:00:00+00:00"),
        ("2026-12-31T23:59:59+00:00", "2027-01-01T00:00:00+00:00"),
        ("2026-11-30T23:00:00-05:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_a_quota_is_renewed_with_the_month(now: str, then: str) -> None:
    assert next_month(datetime.fromisoformat(now)) == datetime.fromisoformat(then)


def test_the_month_of_calls_is_spread() -> None:
    team = SyncSettings(calls_per_month=100_000)
    assert team.pause(1) == timedelta(seconds=30)
    assert timedelta(seconds=120) < team.pause(5) < timedelta(seconds=135)
    free = SyncSettings(calls_per_month=1_000)
    assert timedelta(minutes=43) < free.pause(1) < timedelta(minutes=44)
    assert SyncSettings().pause(5) == timedelta(seconds=30)


def test_every_cell_of_the_bot_is_planned_as_its_own() -> None:
    planned = {one.name for one in CONTACTS.fields}
    given: dict[str, Any] = {field.name: None for field in fields(Contact)}
    known = {"user": User("ana"), "unread": 1, "reply_taken": "mark", "status_changed_by_bot": True}
    known["call_taken"] = "then"
    row = Contact(**{**given, **known})
    cells = contact_to_record(row)
    owned = {one.name for one in CONTACTS.fields if one.owner is not Owner.OPERATORS}
    assert owned - {"Files"} <= cells.keys() <= planned  # files are uploaded one by one
    assert cells.keys() - owned == {"Send reply", "Status", "Call"}
