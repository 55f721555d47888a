"""pyairtable itself, against the emulated Airtable: every limit, type and refusal."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from pyairtable import Api, Base, Table
from pyairtable.formulas import AND, Formula, match

from emulator.airtable.bases import Bases
from emulator.airtable.config import AirtableConfig
from emulator.airtable.field_types import NOT_BY_API
from emulator.airtable.limits import PENALTY
from emulator.airtable.testing import AirtableDouble

Answer = TypeVar("Answer")
FIELDS: list[dict[str, Any]] = [
    {"name": "Name", "type": "singleLineText"},
    {"name": "Age", "type": "number", "options": {"precision": 0}},
    {"name": "Colour", "type": "singleSelect", "options": {"choices": [{"name": "red"}]}},
    {"name": "Tags", "type": "multipleSelects", "options": {"choices": []}},
    {"name": "Done", "type": "checkbox", "options": {"icon": "check", "color": "greenBright"}},
    {"name": "Day", "type": "date", "options": {"dateFormat": {"name": "iso"}}},
    {"name": "At", "type": "dateTime", "options": {}},
    {"name": "Owner", "type": "singleCollaborator", "options": {}},
]


async def run(call: Callable[..., Answer], *args: Any, **more: Any) -> Answer:
    """pyairtable blocks; the emulator answers from the loop of the test."""
    return await asyncio.to_thread(call, *args, **more)


async def refused(call: Callable[..., Any], *args: Any, **more: Any) -> tuple[int, Any]:
    with pytest.raises(requests.HTTPError) as caught:
        await run(call, *args, **more)
    response = caught.value.response
    assert response is not None
    body = response.json()
    error = body.get("error") or body["errors"][0]["error"]
    return response.status_code, error["type"] if isinstance(error, dict) else error


@pytest.fixture
async def base(airtable: AirtableDouble) -> AsyncIterator[Base]:
    api = Api(airtable.config.token, endpoint_url=airtable.url, retry_strategy=None)
    yield api.base(airtable.config.base_id)
    api.session.close()


@pytest.fixture
async def people(base: Base) -> Table:
    return await run(base.create_table, "People", FIELDS)


async def test_records_come_back_as_they_were_written(people: Table) -> None:
    given = {
        "Name": "Ana",
        "Age": 30,
        "Colour": "red",
        "Done": True,
        "Day": "1996-02-29",
        "At": "2026-11-21T10:00:00.000Z",
        "Owner": {"email": "eva@example.org"},
    }
    made = await run(people.create, given)
    assert made["fields"] == given
    assert (await run(people.get, made["id"])) == made
    changed = await run(people.update, made["id"], {"Done": False, "Age": None, "Name": "Eva"})
    assert changed["fields"].keys() == given.keys() - {"Done", "Age"}
    assert (await run(people.delete, made["id"]))["deleted"]
    assert (await refused(people.get, made["id"]))[0] == 404


async def test_pages_have_a_hundred_records(people: Table) -> None:
    await run(people.batch_create, [{"Name": f"{number}"} for number in range(205)])
    pages = await run(lambda: list(people.iterate()))
    assert [len(page) for page in pages] == [100, 100, 5]
    assert len(await run(people.all, max_records=7)) == 7
    [only] = await run(people.all, fields=["Age"], formula=match({"Name": "204"}))
    assert only["fields"] == {}


async def test_ten_records_are_written_at_once_and_no_more(people: Table) -> None:
    body = {"records": [{"fields": {"Name": "x"}}] * 11}
    assert await refused(people.api.post, people.urls.records, json=body) == (
        422,
        "INVALID_RECORDS",
    )
    made = await run(people.batch_create, [{"Name": str(number)} for number in range(11)])
    deleted = await run(people.batch_delete, [one["id"] for one in made])
    assert len(deleted) == 11


async def test_an_upsert_adds_or_changes_by_key(people: Table) -> None:
    first: Any = await run(people.batch_upsert, [{"fields": {"Name": "Ana", "Age": 1}}], ["Name"])
    again: Any = await run(
        people.batch_upsert,
        [{"fields": {"Name": "Ana", "Age": 2}}, {"fields": {"Name": "Eva"}}],
        ["Name"],
    )
    assert again["updatedRecords"] == first["createdRecords"]
    assert len(again["createdRecords"]) == 1
    assert again["records"][0]["fields"] == {"Name": "Ana", "Age": 2}
    await run(people.create, {"Name": "Ana"})
    assert (await refused(people.batch_upsert, [{"fields": {"Name": "Ana"}}], ["Name"]))[0] == 422


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Nme": "Ana"}, "UNKNOWN_FIELD_NAME"),
        ({"Age": "thirty"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Done": "yes"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Day": "tomorrow"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"At": 5}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Owner": "Eva"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Tags": "vip"}, "INVALID_VALUE_FOR_COLUMN"),
        ({"Colour": "blue"}, "INVALID_MULTIPLE_CHOICE_OPTIONS"),
    ],
)
async def test_cells_hold_what_their_type_allows(
    people: Table, fields: dict[str, Any], kind: str
) -> None:
    assert await refused(people.create, fields) == (422, kind)
    assert await run(people.all) == []


async def test_typecast_makes_the_options_that_are_missing(people: Table) -> None:
    made = await run(people.create, {"Colour": "blue", "Age": "30"}, typecast=True)
    assert made["fields"] == {"Colour": "blue", "Age": 30}
    assert (await run(people.create, {"Colour": "blue"}))["fields"] == {"Colour": "blue"}


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (match({"Name": "O'Connor \\ {x}"}), ["O'Connor \\ {x}"]),
        (match({"Age": 30}), ["Ana"]),
        (match({"Done": True}), ["Ana"]),
        ("AND({Age} >= 30, NOT({Done}))", ["Eva"]),
        ("OR({Name}='Ana', {Age} > 30)", ["Ana", "Eva"]),
        ("LOWER({Name})='eva'", ["Eva"]),
        ("FIND('Conn', {Name}) > 0", ["O'Connor \\ {x}"]),
        ("{Age}=BLANK()", ["O'Connor \\ {x}"]),
        ("({Name}!='Ana')", ["Eva", "O'Connor \\ {x}"]),
        ("IS_AFTER(LAST_MODIFIED_TIME(), '2020-01-01T00:00:00Z')", None),
        ("IS_BEFORE(CREATED_TIME(), '2020-01-01T00:00:00Z')", []),
        (AND(match({"Age": 31}), Formula("TRUE()")), ["Eva"]),
    ],
)
async def test_formulas_filter(people: Table, formula: Any, found: list[str] | None) -> None:
    rows = [
        {"Name": "Ana", "Age": 30, "Done": True},
        {"Name": "Eva", "Age": 31},
        {"Name": "O'Connor \\ {x}"},
    ]
    await run(people.batch_create, rows)
    names = [one["fields"]["Name"] for one in await run(people.all, formula=formula)]
    assert names == (["Ana", "Eva", "O'Connor \\ {x}"] if found is None else found)


@pytest.mark.parametrize("formula", ["{Name", "DANCE()", "AND(1", "1 2", "= 1", "{Name}="])
async def test_a_formula_that_is_none_is_refused(people: Table, formula: str) -> None:
    await run(people.create, {"Name": "Ana"})
    assert await refused(people.all, formula=formula) == (422, "INVALID_FILTER_BY_FORMULA")


async def test_tables_and_fields_are_made_and_named_by_id_too(base: Base, people: Table) -> None:
    schema = await run(base.schema)
    [table] = schema.tables
    assert [field.name for field in table.fields] == [one["name"] for one in FIELDS]
    age = schema.table("People").field("Age").id
    by_id = base.table(table.id)
    made = await run(by_id.create, {age: 5}, use_field_ids=True)
    assert made["fields"] == {age: 5}
    link = await run(
        people.create_field, "Friends", "multipleRecordLinks", None, {"linkedTableId": table.id}
    )
    linked = await run(people.create, {"Friends": [made["id"]]})
    assert linked["fields"] == {link.name: [made["id"]]}
    assert (await refused(people.create_field, "Age", "number"))[1].startswith("DUPLICATE")
    assert (await refused(base.create_table, "People", FIELDS))[1] == "DUPLICATE_TABLE_NAME"


@pytest.mark.parametrize("kind", sorted(NOT_BY_API))
async def test_types_that_programs_cannot_make(people: Table, kind: str) -> None:
    assert (await refused(people.create_field, "New", kind))[0] == 422


async def test_strangers_and_unknown_bases(airtable: AirtableDouble, people: Table) -> None:
    stranger = Api("wrong", endpoint_url=airtable.url, retry_strategy=None)
    assert await refused(stranger.whoami) == (401, "AUTHENTICATION_REQUIRED")
    assert (await refused(people.base.table("Animals").all))[0] == 403
    assert (await refused(people.api.table("appOther", "People").all))[0] == 403
    assert "webhook:manage" in (await run(people.api.whoami)).get("scopes", [])
    stranger.session.close()


async def test_six_requests_in_a_second_close_the_base_for_half_a_minute() -> None:
    airtable = AirtableDouble(AirtableConfig())
    await airtable.start()
    api = Api(airtable.config.token, endpoint_url=airtable.url, retry_strategy=None)
    base = api.base(airtable.config.base_id)
    for _ in range(5):
        await run(base.schema, force=True)
    assert await refused(base.schema, force=True) == (429, "RATE_LIMIT_REACHED")
    airtable.clock.now += PENALTY - 1
    assert await refused(base.schema, force=True) == (429, "RATE_LIMIT_REACHED")
    airtable.clock.now += 1
    await run(base.schema, force=True)
    api.session.close()
    await airtable.stop()


async def test_a_clock_that_is_set_back_opens_the_base_again() -> None:
    airtable = AirtableDouble(AirtableConfig())
    await airtable.start()
    api = Api(airtable.config.token, endpoint_url=airtable.url, retry_strategy=None)
    base = api.base(airtable.config.base_id)
    for _ in range(5):
        await run(base.schema, force=True)
    assert await refused(base.schema, force=True) == (429, "RATE_LIMIT_REACHED")
    airtable.clock.now -= 25 * 3600
    await run(base.schema, force=True)
    api.session.close()
    await airtable.stop()


async def test_a_month_has_so_many_requests() -> None:
    airtable = AirtableDouble(AirtableConfig(per_second=0, per_month=2))
    await airtable.start()
    api = Api(airtable.config.token, endpoint_url=airtable.url, retry_strategy=None)
    for _ in range(2):
        await run(api.whoami)
    assert await refused(api.whoami) == (429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED")
    airtable.clock.now += 32 * 24 * 3600
    await run(api.whoami)
    api.session.close()
    await airtable.stop()


SPEC = {"options": {"filters": {"dataTypes": ["tableData"], "fromSources": ["client"]}}}


async def test_a_webhook_tells_what_people_changed(
    airtable: AirtableDouble, base: Base, people: Table
) -> None:
    made = await run(base.add_webhook, None, SPEC)
    webhook = await run(base.webhook, made.id)
    await run(people.create, {"Name": "by a program"})
    table = airtable.table("People")
    [record] = table.records.values()
    airtable.edit("People", record, Name="by a person", Done=True)
    airtable.bases.delete(airtable.config.base_id, table, record, "client")
    [changed, destroyed] = await run(lambda: list(webhook.payloads()))
    told = changed.changed_tables_by_id[table.id].changed_records_by_id[record.id]
    name, done = (table.field(one).id for one in ("Name", "Done"))
    assert told.current.cell_values_by_field_id == {name: "by a person", done: True}
    assert destroyed.changed_tables_by_id[table.id].destroyed_record_ids == [record.id]
    assert (changed.cursor, destroyed.cursor) == (1, 2)
    assert await run(lambda: list(webhook.payloads(cursor=3))) == []


async def test_a_webhook_ends_after_a_week_unless_it_is_refreshed(
    airtable: AirtableDouble, base: Base, people: Table
) -> None:
    await run(base.add_webhook, None, SPEC)
    [webhook] = await run(base.webhooks)
    airtable.clock.now += 6 * 24 * 3600
    await run(webhook.extend_expiration)
    airtable.clock.now += 6 * 24 * 3600
    assert len(await run(base.webhooks)) == 1
    airtable.clock.now += 24 * 3600
    assert await run(base.webhooks) == []
    assert (await refused(lambda: list(webhook.payloads())))[0] == 404
    for _ in range(10):
        await run(base.add_webhook, None, SPEC)
    assert (await refused(base.add_webhook, None, SPEC))[0] == 422


async def names(people: Table, **asked: Any) -> list[Any]:
    return [one["fields"].get("Name") for one in await run(people.all, **asked)]


async def test_records_are_sorted_by_several_fields(people: Table) -> None:
    rows = [("Eva", 30), ("ana", 30), ("Bo", 9), ("Cy", None)]
    await run(people.batch_create, [{"Name": name, "Age": age} for name, age in rows])
    assert await names(people, sort=["-Age", "Name"]) == ["ana", "Eva", "Bo", "Cy"]
    assert await names(people, sort=["Age"]) == ["Cy", "Bo", "Eva", "ana"]
    body = {"sort": [{"field": "Name", "direction": "desc"}]}
    by_post = await run(people.api.post, f"{people.urls.records}/listRecords", json=body)
    assert [one["fields"]["Name"] for one in by_post["records"]] == ["Eva", "Cy", "Bo", "ana"]
    assert await refused(people.all, sort=["Nme"]) == (422, "UNKNOWN_FIELD_NAME")


async def test_replacing_empties_the_other_cells(people: Table) -> None:
    made = await run(people.create, {"Name": "Ana", "Age": 30})
    changed = await run(people.update, made["id"], {"Age": 31}, replace=True)
    assert changed["fields"] == {"Age": 31}
    given: Any = [{"id": made["id"], "fields": {"Name": "Eva"}}]
    [replaced] = await run(people.batch_update, given, replace=True)
    assert replaced["fields"] == {"Name": "Eva"}
    [kept] = await run(people.batch_update, [{"id": made["id"], "fields": {"Age": 1}}])
    assert kept["fields"] == {"Name": "Eva", "Age": 1}


@pytest.mark.parametrize(
    "query",
    [
        "pageSize=abc",
        "maxRecords=abc",
        "offset=abc",
        "view=Grid",
        "cellFormat=string",
        "sort[0][field]=Name&sort[0][direction]=up",
        "filterByFormula={Nme}=1",
    ],
)
async def test_what_cannot_be_listed_is_unprocessable(people: Table, query: str) -> None:
    status, _ = await refused(people.api.get, f"{people.urls.records}?{query}")
    assert status == 422


@pytest.mark.parametrize(
    "body", [{"fields": [1]}, {"records": ["x"]}, {"records": [{"fields": 1}]}]
)
async def test_a_record_of_a_wrong_type_is_unprocessable(people: Table, body: Any) -> None:
    status, _ = await refused(people.api.post, people.urls.records, json=body)
    assert status == 422


async def test_other_addresses_are_not_found_in_json(people: Table) -> None:
    url = f"{people.api.endpoint_url}/v0/meta/nothing/at/all"
    assert await refused(people.api.get, url) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("formula", "is_true"),
    [
        ("{Age} + 2 * 5 - -1 = 41", True),
        ("{Age} / 0 = 1", False),
        ("'a' & {Age} & 'b' = 'a30b'", True),
        ("IF({Age} > 20, 'old', 'young') = 'old'", True),
        ("SEARCH('ANA', {Name}) = 1", True),
        ("LEN(TRIM(UPPER('  a '))) = 1", True),
        ("CONCATENATE(LEFT('abc', 1), MID('abc', 2, 1), RIGHT('abc', 1)) = 'abc'", True),
        ("SUBSTITUTE('a-b-c', '-', '+', 2) = 'a-b+c'", True),
        ("REGEX_MATCH({Name}, '^A.a$')", True),
        ("ARRAYJOIN({Tags}, '/') = 'x/y'", True),
        ("IS_SAME({Day}, '1996-02-29', 'day')", True),
        ("IS_SAME({Day}, '1996-03-01', 'month')", False),
        ("DATETIME_DIFF('1996-03-01', {Day}, 'days') = 1", True),
        ("DATETIME_FORMAT({Day}, 'D MMM YYYY') = '29 Feb 1996'", True),
        ("DATETIME_PARSE('1996-02-29') = {Day}", True),
        ("DATEADD({Day}, 1, 'years') = '1997-02-28'", True),
        ("YEAR(TODAY()) = YEAR(NOW())", True),
        ("AND(ROUND(2.345, 2) = 2.35, MOD(7, 4) = 3, SUM(1, {Age}) = 31, MAX(1, 2) = 2)", True),
        ("SWITCH({Name}, 'Eva', 1, 'Ana', 2, 3) = 2", True),
        ("XOR({Done}, 1)", True),
        ("IS_AFTER({At}, '2026-01-01')", False),
        ("IS_AFTER({Day}, '1996-01-01')", True),
    ],
)
async def test_operators_and_functions(people: Table, formula: str, is_true: bool) -> None:
    given = {"Name": "Ana", "Age": 30, "Day": "1996-02-29", "Tags": ["x", "y"]}
    await run(people.create, given, typecast=True)
    assert len(await run(people.all, formula=formula)) == is_true


async def test_a_date_is_matched(people: Table) -> None:
    await run(people.create, {"Name": "Ana", "Day": "1996-02-29"})
    assert len(await run(people.all, formula=match({"Day": date(1996, 2, 29)}))) == 1


async def test_typecast_reads_what_people_write(people: Table) -> None:
    given = {"Name": 5, "Age": "1,200", "Tags": "x, y", "Done": "true", "Day": "Jan 2 2026"}
    made = await run(people.create, given, typecast=True)
    read = {"Name": "5", "Age": 1200, "Tags": ["x", "y"], "Done": True, "Day": "2026-01-02"}
    assert made["fields"] == read
    status, _ = await refused(people.create, {"Age": "abc"}, typecast=True)
    assert status == 422


async def test_tables_and_fields_are_described_and_renamed(base: Base) -> None:
    table = await run(base.create_table, "Things", FIELDS[:2], description="All of them")
    about: dict[str, Any] = {"symbol": "€", "precision": 2}
    await run(table.create_field, "Price", "currency", options=about)
    link = {"linkedTableId": table.id}
    linked: Any = await run(table.create_field, "Other", "multipleRecordLinks", options=link)
    assert linked.options.is_reversed is False
    schema: Any = await run(table.schema)
    assert schema.description == "All of them"
    schema.name = "Items"
    await run(schema.save)
    field = schema.field("Price")
    field.description = "With taxes"
    await run(field.save)
    again: Any = (await run(base.schema, force=True)).table(table.id)
    assert (again.name, again.field("Price").description) == ("Items", "With taxes")


@pytest.mark.parametrize("kind", ["number", "date", "currency", "rating", "multipleRecordLinks"])
async def test_a_field_without_its_options_is_refused(people: Table, kind: str) -> None:
    status, _ = await refused(people.create_field, "New", kind)
    assert status == 422


async def test_a_link_has_another_side(base: Base, people: Table) -> None:
    link = {
        "name": "Owner of",
        "type": "multipleRecordLinks",
        "options": {"linkedTableId": people.id},
    }
    pets = await run(base.create_table, "Pets", [{"name": "Name", "type": "singleLineText"}, link])
    forward: Any = (await run(pets.schema, force=True)).field("Owner of")
    inverse: Any = (await run(people.schema, force=True)).field("Pets")
    assert forward.type == inverse.type == "multipleRecordLinks"
    assert forward.options.inverse_link_field_id == inverse.id
    assert inverse.options.inverse_link_field_id == forward.id
    ana, eva = await run(people.batch_create, [{"Name": "Ana"}, {"Name": "Eva"}])
    rex = await run(pets.create, {"Name": "Rex", "Owner of": [ana["id"]]})
    assert (await run(people.get, ana["id"]))["fields"]["Pets"] == [rex["id"]]
    await run(people.update, eva["id"], {"Pets": [rex["id"]]})
    both = (await run(pets.get, rex["id"]))["fields"]["Owner of"]
    assert both == [ana["id"], eva["id"]]
    await run(pets.update, rex["id"], {"Owner of": [eva["id"]]})
    assert "Pets" not in (await run(people.get, ana["id"]))["fields"]
    await run(people.delete, eva["id"])
    assert "Owner of" not in (await run(pets.get, rex["id"]))["fields"]
    again: Any = await run(pets.create_field, "Also of", link["type"], options=link["options"])
    assert (await run(people.schema, force=True)).field("Pets 2").id == (
        again.options.inverse_link_field_id
    )


async def test_the_other_side_of_a_link_is_told(
    airtable: AirtableDouble, base: Base, people: Table
) -> None:
    link = {"linkedTableId": people.id}
    fields: list[dict[str, Any]] = [
        {"name": "Name", "type": "singleLineText"},
        {"name": "Of", "type": "multipleRecordLinks", "options": link},
    ]
    pets = await run(base.create_table, "Pets", fields)
    ana = await run(people.create, {"Name": "Ana"})
    hook = await run(
        base.add_webhook, "https://e.org", {"options": {"filters": {"dataTypes": ["tableData"]}}}
    )
    rex = await run(pets.create, {"Name": "Rex", "Of": [ana["id"]]})
    created, changed = await run(lambda: list(base.webhook(hook.id).payloads()))
    assert list(created.changed_tables_by_id) == [pets.id]
    told = changed.changed_tables_by_id[people.id].changed_records_by_id[ana["id"]]
    assert told.current.cell_values_by_field_id.popitem()[1] == [rex["id"]]


async def test_comments_are_written_changed_and_deleted(people: Table) -> None:
    ana = (await run(people.create, {"Name": "Ana"}))["id"]
    first = await run(people.add_comment, ana, "Hello, @[usrEmulatedOperator]!")
    reply = await run(people.add_comment, ana, "Hi", first.id)
    assert first.mentioned["usrEmulatedOperator"].display_name == "Operator"
    assert reply.parent_comment_id == first.id
    first.text = "Never mind"
    await run(first.save)
    assert first.last_updated_time is not None
    listed = await run(people.comments, ana)
    assert [one.text for one in listed] == ["Hi", "Never mind"]
    [shown] = await run(people.all, count_comments=True)
    assert shown["commentCount"] == 2
    await run(reply.delete)
    assert [one.id for one in await run(people.comments, ana)] == [first.id]
    assert (await refused(people.add_comment, ana, " "))[0] == 422


async def test_bases_and_fields_keep_what_they_are_called(
    airtable: AirtableDouble, base: Base, people: Table
) -> None:
    api = base.api
    field: dict[str, Any] = {"name": "Name", "type": "singleLineText"}
    made = await run(
        api.create_base, "wspEmulated00000", "Plants", [{"name": "A", "fields": [field]}]
    )
    names = {one.id: one.name for one in await run(api.bases, force=True)}
    assert names == {base.id: "Emulated base", made.id: "Plants"}
    schema = (await run(people.schema, force=True)).field("Name")
    schema.description = "Who it is"
    await run(schema.save)
    assert (await run(people.schema, force=True)).field("Name").description == "Who it is"
    schema.description = ""
    await run(schema.save)
    assert (await run(people.schema, force=True)).field("Name").description is None


def test_the_file_keeps_names(tmp_path: Path) -> None:
    file = tmp_path / "bases.json"
    kept = Bases(time.time, file)
    kept.add("appOther000000000", "Other")
    kept.create_table("appOther000000000", {"name": "A", "fields": [FIELDS[0]]})
    kept.save()
    assert Bases(time.time, file).name("appOther000000000") == "Other"
    # files of before names had lists of tables
    before = {key: one["tables"] for key, one in json.loads(file.read_text()).items()}
    file.write_text(json.dumps(before))
    assert Bases(time.time, file).name("appOther000000000") == "appOther000000000"


async def test_an_address_may_end_with_a_slash(base: Base, people: Table) -> None:
    made = await run(base.api.post, f"{people.urls.records}/", json={"fields": {"Name": "Ana"}})
    assert made["fields"] == {"Name": "Ana"}


async def test_whole_numbers_have_no_fraction(people: Table) -> None:
    rating = {"icon": "star", "max": 5, "color": "yellowBright"}
    await run(people.create_field, "Stars", "rating", options=rating)
    made = await run(people.create, {"Age": "31", "Stars": "4"}, typecast=True)
    assert json.dumps(made["fields"]) == '{"Age": 31, "Stars": 4}'
    [changed] = await run(people.batch_update, [{"id": made["id"], "fields": {"Age": 32.0}}])
    assert json.dumps(changed["fields"]) == '{"Age": 32, "Stars": 4}'


async def test_a_new_table_has_a_view_with_all_records(people: Table) -> None:
    await run(people.create, {"Name": "Ana"})
    [view] = (await run(people.schema)).views
    assert (view.name, view.type) == ("Grid view", "grid")
    for given in (view.name, view.id):
        assert len(await run(people.all, view=given)) == 1


async def test_records_are_deleted_without_brackets_too(people: Table) -> None:
    """As airtable-python-wrapper asks for it."""
    made = await run(people.batch_create, [{"Name": "Ana"}, {"Name": "Eva"}, {"Name": "Kim"}])
    ids = [one["id"] for one in made[:2]]
    query = "&".join(f"records={one}" for one in ids)
    answer = await run(people.api.delete, f"{people.urls.records}?{query}")
    assert [one["id"] for one in answer["records"]] == ids
    assert len(await run(people.all)) == 1
