"""The emulator's own pages: what they cannot do is a 4xx with a sentence, never a 500."""

from typing import Any

import httpx
import pytest

from emulator.airtable.app import PREFIX
from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta

MESSAGES = f"/emulator/contacts/{ANA}/messages"
FILES = f"/emulator/contacts/{ANA}/files"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"text": "hi", "to_number": "1"}, "The account has no number 1. It has 1000"),
        ({"type": "image"}, 'or "type" and the object of it'),
        ({}, 'or "type" and the object of it'),
        (["hi"], "not a JSON object"),
    ],
)
async def test_a_message_that_cannot_be_said_is_explained(
    cloud_api: Meta, given: Any, problem: str
) -> None:
    answer = await cloud_api.http.post(MESSAGES, json=given)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    assert not cloud_api.account.people.get(ANA).since(0)


async def test_a_file_for_an_unknown_number_is_explained(cloud_api: Meta) -> None:
    query = {"to_number": "1", "name": "a.png"}
    headers = {"content-type": "image/png"}
    answer = await cloud_api.http.post(FILES, params=query, content=b"x", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The account has no number 1.")


@pytest.mark.parametrize(
    "path", ["contacts", "clock", "reset", "triggers", "phone/calls", "bot", "bot/people"]
)
async def test_a_body_that_is_no_object_is_explained(cloud_api: Meta, path: str) -> None:
    answer = await cloud_api.http.post(f"/emulator/{path}", json=[1])
    assert (answer.status_code, answer.json()) == (400, {"error": "The body is not a JSON object."})


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("GET", "Nowhere/records", None, 403),
        ("POST", "Nowhere/records", {}, 403),
        ("POST", "Plants/records", {"Height": 1}, 422),
        ("POST", "Plants/records", [1], 400),
        ("PATCH", "Plants/records/rec1", {}, 404),
        ("DELETE", "Plants/records/rec1", None, 404),
    ],
)
async def test_what_the_operators_page_cannot_do_is_explained(
    airtable: AirtableDouble, method: str, path: str, given: Any, status: int
) -> None:
    field = {"name": "Name", "type": "singleLineText"}
    airtable.bases.create_table(airtable.config.base_id, {"name": "Plants", "fields": [field]})
    root = airtable.url.removesuffix(PREFIX)
    async with httpx.AsyncClient(base_url=root) as page:
        answer = await page.request(method, f"/emulator/airtable/{path}", json=given)
    assert answer.status_code == status
    assert answer.json()["error"]
