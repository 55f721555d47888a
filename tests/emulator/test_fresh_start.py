"""People who start afresh, and a clock that moves for everybody."""

import json

import pytest

from emulator.airtable.config import AirtableConfig
from emulator.airtable.forgetting import forget as forget_records
from emulator.airtable.workspace import Workspace
from emulator.cloud_api.state.fresh_start import find_person, forget
from emulator.cloud_api.testing import ANA, CloudApiDouble

LUIS = "573007654321"


async def test_nothing_but_the_name_of_a_person_is_left(meta: CloudApiDouble) -> None:
    account = meta.account
    ana = account.people.get(ANA)
    ana.introduce("Ana", hides_phone=True)
    ana.is_blocked = ana.is_with_agent = True
    ana.wants_offers = False
    await meta.send("text", {"body": "hi"}, to=f"+{LUIS}")  # refused: Luis never wrote
    await meta.send("text", {"body": "hi"})
    account.say(account.people.get(LUIS), {"type": "text", "text": {"body": "hola"}})
    forget(account, ana)
    again = account.people.get(ANA)
    assert (again.name, again.hides_phone, again.count) == ("Ana", True, ana.count)
    assert not again.entries
    assert (again.is_blocked, again.is_with_agent, again.wants_offers) == (False, False, True)
    assert again.wrote_at is None
    await account.webhooks.idle()
    assert {wa_id for one in account.traffic_log.all() for wa_id in one["wa_ids"]} == {LUIS}
    again.add({"from": "bot", "type": "read"})
    assert '"type": "read"' in json.dumps(account.feed._events[-1])


@pytest.mark.parametrize("wanted", ["ana", "+57 300 1234567", "CO.134"])
def test_a_person_is_found_by_name_number_or_id(meta: CloudApiDouble, wanted: str) -> None:
    ana = meta.account.people.get(ANA)
    ana.name, ana.user_id = "Ana", "CO.134"
    assert find_person(meta.account, wanted) is ana


@pytest.mark.parametrize(("wanted", "what"), [("Bob", "Nobody is"), ("Ana", "Several people are")])
def test_a_name_of_nobody_or_of_two_is_refused(
    meta: CloudApiDouble, wanted: str, what: str
) -> None:
    for wa_id in (ANA, LUIS):
        meta.account.people.get(wa_id).name = "Ana"
    with pytest.raises(ValueError, match=rf"{what} called {wanted}.*\+{LUIS}"):
        find_person(meta.account, wanted)


async def test_a_moved_clock_is_noted_in_conversations_and_comes_back(
    meta: CloudApiDouble,
) -> None:
    await meta.send("text", {"body": "hi"})
    move = meta.http.post
    await move("/emulator/clock", json={"seconds": 60})
    moved = await move("/emulator/clock", json={"seconds": 120})
    assert moved.json() == {"now": meta.clock.now + 180, "ahead": 180}
    back = await move("/emulator/clock", json={"now": True})
    assert back.json()["now"] == meta.clock.now
    notes = [one["clock"] for one in meta.account.people.get(ANA).entries if "clock" in one]
    assert notes == [
        {"seconds": 60, "ahead": 60},
        {"seconds": 120, "ahead": 180},
        {"seconds": -180, "ahead": 0},
    ]
    assert (await meta.send("text", {"body": "hi"})).status_code == 200


@pytest.mark.parametrize("seconds", [-5, 0, 1e12, "nan"])
async def test_the_clock_is_not_moved_back_nor_for_ever(
    meta: CloudApiDouble, seconds: float | str
) -> None:
    refused = await meta.http.post("/emulator/clock", json={"seconds": seconds})
    assert refused.status_code == 400
    assert "at most a year" in refused.json()["error"]


def test_records_about_a_person_go_and_those_of_many_stay() -> None:
    workspace = Workspace(AirtableConfig(per_second=0))
    bases, base = workspace.bases, workspace.config.base_id
    text = {"name": "Name", "type": "singleLineText"}
    contacts = bases.create_table(base, {"name": "Contacts", "fields": [text]})
    link = {
        "name": "Contact",
        "type": "multipleRecordLinks",
        "options": {"linkedTableId": contacts.id},
    }
    tickets = bases.create_table(base, {"name": "Tickets", "fields": [text, link]})
    ana, luis = (
        bases.create(base, contacts, {contacts.fields[0].id: f"+{one}"}, "publicApi")
        for one in (ANA, LUIS)
    )
    for people in ([ana.id], [ana.id, luis.id], []):
        bases.create(base, tickets, {tickets.fields[1].id: people}, "publicApi")
    forget_records(bases, base, [ANA])
    assert [*contacts.records] == [luis.id]
    left = [one.cells.get(tickets.fields[1].id) for one in tickets.records.values()]
    assert left == [[luis.id], None]
