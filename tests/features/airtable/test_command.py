"""`watch.py airtable`, against the emulated Airtable: what is missing is shown, then made."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli import commands as cli
from app.composition.conversations import load_saved_data
from app.composition.features import operator_schemas, settings_models
from app.development.given_settings import setting_names
from emulator.airtable.testing import AirtableDouble
from features.airtable.base_schema import CONTACTS, MESSAGES
from features.airtable.field_descriptions import WRITERS
from features.airtable.sync import calls_of_month, lane_of
from services.operator_tables import Owner

Run = Callable[..., "asyncio.Future[int]"]


@pytest.fixture
def run(airtable: AirtableDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command where no .env is; it brings an event loop of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRTABLE_API_KEY", airtable.config.token)
    monkeypatch.setenv("AIRTABLE_BASE_ID", airtable.config.base_id)
    monkeypatch.setenv("AIRTABLE_API_URL", airtable.url)

    def start(*arguments: str) -> "asyncio.Future[int]":
        return asyncio.ensure_future(asyncio.to_thread(cli.main, ["airtable", *arguments]))

    return start


async def test_what_is_missing_is_shown_and_made_once(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("doctor") == 1
    assert "FAIL  airtable: base: create table Contacts" in capsys.readouterr().out
    assert await run("init", "--yes") == 0
    assert f"create table Contacts with {len(CONTACTS.fields)} fields" in capsys.readouterr().out
    made = [field.id for field in airtable.table("Contacts").fields]
    assert await run("init", "--yes") == 0
    assert "Nothing is missing." in capsys.readouterr().out
    assert [field.id for field in airtable.table("Contacts").fields] == made
    assert await run("doctor") == 0


async def test_columns_are_in_the_order_of_work_and_old_descriptions_are_renewed(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    await run("init", "--yes")
    for schema in operator_schemas(load_saved_data()):
        fields = airtable.table(schema.name).fields
        made = [field.name for field in fields if not field.is_inverse]
        assert made == [field.name for field in schema.fields]
    table = airtable.table("Contacts")
    table.field("Phone").description = WRITERS[Owner.BOT]
    table.field("Notes").description = "Ours."
    capsys.readouterr()
    assert await run("init", "--yes") == 0
    assert capsys.readouterr().out.startswith("  describe field Phone in Contacts\nThe base has")
    assert table.field("Phone").description.startswith(WRITERS[Owner.ADDER])
    assert table.field("Notes").description == "Ours."


async def test_without_a_token_it_says_where_bases_come_from(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AIRTABLE_API_KEY")
    assert await run("init") == 1
    assert "start `python3 watch.py` first" in capsys.readouterr().err


async def test_nothing_is_made_without_a_yes(
    run: Run, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: "n")
    assert await run("init") == 1
    assert airtable.bases.tables(airtable.config.base_id) == []
    monkeypatch.setattr("builtins.input", lambda _prompt: "y")
    assert await run("init") == 0
    assert airtable.table("Contacts")


async def test_renamed_fields_are_known_and_deleted_ones_made_again(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    await run("init", "--yes")
    table = airtable.table("Contacts")
    table.field("Notes").name = "Remarks"
    table.remove_field("Tags")
    capsys.readouterr()
    assert await run("init", "--yes") == 0
    assert "create field Tags (multipleSelects) in Contacts" in capsys.readouterr().out
    assert "Notes" not in [field.name for field in table.fields]


async def test_what_only_a_person_can_mend_is_said(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    await run("init", "--yes")
    table = airtable.table("Contacts")
    table.field("Unread").type = "singleLineText"
    table.field("Status").options["choices"].pop()
    assert await run("doctor") == 1
    told = capsys.readouterr().out
    assert "make Unread in Contacts a field of type number" in told
    assert "add Blocked to the options of Status" in told


async def test_a_new_base_in_a_workspace(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("init", "--workspace", "wspExample") == 0
    told = capsys.readouterr().out
    base_id = told.partition("AIRTABLE_BASE_ID=")[2].split()[0]
    names = [table.name for table in airtable.bases.tables(base_id)]
    assert names == [schema.name for schema in operator_schemas(load_saved_data())]


def test_every_table_has_a_problem_that_the_bot_writes() -> None:
    for schema in (*operator_schemas(load_saved_data()), MESSAGES):
        owners = {field.name: field.owner for field in schema.fields}
        assert owners.get("Problem") is Owner.BOT, schema.name


@pytest.mark.parametrize(
    ("calls", "code", "told"),
    [(3, 0, "OK    airtable: quota: 3 of 10"), (10, 1, "FAIL  airtable: quota: 10 of 10")],
)
async def test_the_doctor_tells_what_is_left_of_the_month(
    run: Run,
    airtable: AirtableDouble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    calls: int,
    code: int,
    told: str,
) -> None:
    monkeypatch.setenv("AIRTABLE_MONTHLY_CALLS", "10")
    await run("init", "--yes")
    lane = lane_of(airtable.config.base_id)
    state = calls_of_month({}, datetime.now(UTC), more=calls)
    with sqlite3.connect(tmp_path / "bot.db") as database:
        database.execute(
            "INSERT INTO lane (name, pool, state) VALUES (?, 'airtable', ?)",
            (lane, json.dumps(state)),
        )
    database.close()
    assert await run("doctor") == code
    assert told in capsys.readouterr().out


def test_the_count_of_calls_begins_anew_each_month() -> None:
    november, december = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    state = calls_of_month({}, november, more=5)
    assert calls_of_month(state, november, more=2)["calls"] == 7
    assert calls_of_month(state, december, more=2)["calls"] == 2


async def test_messages_have_a_table_where_they_are_shown(
    run: Run, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRTABLE_MESSAGES_DAYS", "7")
    assert await run("init", "--yes") == 0
    assert len(airtable.table("Messages").fields) == len(MESSAGES.fields)
    assert await run("doctor") == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AIRTABLE_API_KEY", "wrong", "make a new one at"),
        ("AIRTABLE_API_KEY", "", "AIRTABLE_API_KEY"),
        ("AIRTABLE_BASE_ID", "appOther", "check AIRTABLE_BASE_ID"),
        ("AIRTABLE_BASE_ID", "", "which base?"),
        ("AIRTABLE_API_URL", "http://127.0.0.1:9", "does not answer"),
    ],
)
async def test_what_is_wrong_is_told_with_the_remedy(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert await run("doctor") == 1
    assert words in capsys.readouterr().out


async def test_a_scope_that_is_missing(
    run: Run, airtable: AirtableDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    airtable.workspace.scopes = airtable.workspace.scopes[:-1]
    assert await run("doctor") == 1
    assert "add webhook:manage" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["inti"]], ids=["nothing", "misspelt"])
def test_a_wrong_usage_has_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["airtable", *arguments])
    assert capsys.readouterr().err.startswith("usage: watch.py airtable ")


def test_the_help_of_all_lists_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["help"]) == 0
    assert "\n    airtable " in capsys.readouterr().out


def test_without_a_token_no_database_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in setting_names(settings_models()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["airtable", "doctor"]) == 1
    assert "AIRTABLE_API_KEY is not set" in "".join(capsys.readouterr())
    assert list(tmp_path.iterdir()) == []
