"""`watch.py records`: what people filled in, for spreadsheets and programs."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from app.cli import commands as cli
from app.cli.record_export import safe_cell
from domain.user import User
from jobs.job_queue import JobQueue
from storage.engine.group_commit import GroupCommit
from storage.tables import records, users

ANA = User("ana", "CO.1", "573001234567", "Ana")
AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def stored(migrated_url: str, database: GroupCommit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    saved: list[tuple[str, dict[str, object]]] = [
        ("bookings", {"guests": 4, "note": '=HYPERLINK("http://x")'}),
        ("bookings", {"guests": 2, "day": "today"}),
        ("orders", {"what": "tea"}),
    ]
    writes = [records.add(name, fields, user_key="ana", at=AT) for name, fields in saved]
    await JobQueue(database).enqueue([], [users.add(ANA), *writes])


def run(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = cli.main(["records", *line.split()])
    return code, "".join(capsys.readouterr())


def test_the_names_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", capsys) == (0, "bookings  2\norders  1\n")


def test_a_spreadsheet_runs_nothing_that_a_person_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run("export bookings", capsys)
    first, second = csv.DictReader(io.StringIO(told))
    assert code == 0
    assert first["note"] == '\'=HYPERLINK("http://x")'
    assert (first["guests"], first["phone"], first["full_name"]) == ("4", "573001234567", "Ana")
    assert (second["day"], second["note"], second["status"]) == ("today", "", "New")


def test_programs_get_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, told = run("export orders --format json", capsys)
    [row] = map(json.loads, told.splitlines())
    assert row["fields"] == {"what": "tea"}
    assert row["created_at"] == "2026-11-21T10:00:00+00:00"


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run("export nothing", capsys)
    assert code == 1
    assert told == "There are no records named nothing. See: watch.py records list\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_begin_like_a_formula_are_texts(start: str) -> None:
    assert safe_cell(f"{start}1") == f"'{start}1"
    assert safe_cell(-1) == -1
