"""`watch.py fork` writes a slim copy of the project in which everything holds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.project_copy import ROOT

from app.cli import commands as cli
from app.cli.feature_marks import without_absent, without_links, without_rows
from app.cli.fork import fork, select
from app.cli.project_files import project_files
from app.composition.features import find_features
from utils.commands import CommandError

THERE = {feature.name for feature in find_features()}
CASES = [names for names in ("airtable,faq", "") if not names or THERE.issuperset(names.split(","))]
#: Tests that show within seconds that the parts fit together.
QUICK = (
    "tests/app/test_settings.py",
    "tests/conversations/test_what_people_mean.py",
    "tests/features/faq/test_reader.py",
    "tests/features/faq/test_search.py",
    "tests/project/test_glossary.py",
    "tests/project/test_map.py",
    "tests/project/test_project.py",
    "tests/project/test_reliability.py",
    "tests/texts/test_required_texts.py",
    "tests/texts/test_text_faults.py",
    "tests/texts/test_vocabulary.py",
)
PYTHON = sys.executable


@pytest.fixture(scope="module", params=CASES, ids=lambda names: names or "none")
def copy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with some features."""
    folder = tmp_path_factory.mktemp("fork") / "my-bot"
    assert cli.main(["fork", str(folder), "--features", request.param]) == 0
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    return folder


def run(folder: Path, *command: str) -> None:
    """Run a program there; fail with what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


def test_import_contracts_hold_in_the_copy(copy: Path) -> None:
    run(copy, str(Path(PYTHON).with_name("lint-imports")), "--no-cache")


@pytest.mark.timeout(600)  # minutes without the cache that `watch.py test` leaves
def test_types_and_style_hold_in_the_copy(copy: Path) -> None:
    run(copy, PYTHON, "-m", "mypy")
    run(copy, PYTHON, "-m", "ruff", "check", ".")
    run(copy, PYTHON, "-m", "ruff", "format", "--check", ".")


def test_tests_pass_in_the_copy(copy: Path) -> None:
    there = [path for path in QUICK if (copy / path).exists()]
    run(copy, PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", *there)


def test_nothing_of_other_features_is_left(copy: Path) -> None:
    kept = {path.parent.name for path in (copy / "src/features").glob("*/feature.py")}
    gone = [feature for feature in find_features() if feature.name not in kept]
    assert [one for feature in gone for one in feature.folders if (copy / one).exists()] == []
    for name in THERE - kept:
        assert not (copy / "src/features" / name).exists()
        assert not (copy / "tests/features" / name).exists()
        assert f"features.{name}." not in (copy / "pyproject.toml").read_text()
    tables = [
        line
        for path in (copy / "docs").rglob("*.md")
        for line in path.read_text().splitlines()
        if line.startswith("|")
    ]
    assert [name for name in THERE - kept if f"features/{name}/" in str(tables)] == []
    assert ("AIRTABLE_API_KEY" in (copy / ".env-example").read_text()) == ("airtable" in kept)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "my-bot"


def test_what_was_left_out_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["fork", str(folder), "--features", ""]) == 0
    printed = capsys.readouterr().out
    for feature in find_features():
        assert f"Left out {feature.name}: {feature.summary}." in printed
    assert f"Wrote {folder}: features none; " in printed
    assert printed.endswith(f"\nNext:\n  cd {folder}\n  python3 watch.py test\n")


def test_a_folder_that_is_not_empty_is_left_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "mine").write_text("x")
    assert cli.main(["fork", str(folder), "--features", ""]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_a_folder_inside_the_project_is_refused() -> None:
    with pytest.raises(CommandError, match="inside the project"):
        fork(ROOT, ROOT / "copies/first", [])


def test_an_unknown_feature_gets_a_suggestion(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["fork", str(folder), "--features", "aritable"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("There is no feature aritable.")
    assert ("Did you mean airtable?" in said) == ("airtable" in THERE)
    assert not folder.exists()


def test_what_a_feature_needs_comes_with_it() -> None:
    for feature in find_features():
        selection = select([feature.name])
        kept = {one.name for one in selection.kept}
        assert kept == {feature.name, *selection.added}
        assert kept.issuperset(feature.needs)
        assert selection.absent == THERE - kept


def test_without_git_caches_and_settings_are_no_files_of_the_project(tmp_path: Path) -> None:
    for name in ("src/a.py", "src/__pycache__/a.pyc", ".env", ".venv/bin/python", "bot.db", "b.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert project_files(tmp_path) == ["b.md", "src/a.py"]


PAGE = """\
| what | where |
|---|---|
| a ticket | `features/handoff/tickets.py` |
| a user | `domain/user.py` |
<!-- feature: handoff, airtable -->
About both.
<!-- /feature -->
| `OPENAI_API_KEY`, `OPENAI_MODEL` | the assistant |
| `PORT` | a port |
| what operators do | [the page](docs/operators.md) |
| what all do | [the page](docs/operators.md), [another](docs/other.md) |
Here it is.<!-- feature: handoff -->
- A bullet of two
  lines.<!-- /feature --><!-- feature: airtable -->
- Another bullet.<!-- /feature -->
- The last one.
    %% feature: handoff
    a --> b
    %% /feature
    b --> c
See [the page](operators.md#replies) and [other](docs/other.md).
"""


def test_what_pages_say_of_absent_features_goes_with_them() -> None:
    assert "About both." in without_absent(PAGE, {"handoff", "airtable"})
    assert "About both." not in without_absent(PAGE, {"handoff"})
    rest = "Here it is.\n- The last one.\n    b --> c\nSee"
    assert rest in without_absent(PAGE, {"faq"})
    assert "lines.<!-- /feature -->\n- The last one.\n    %% feature" in without_absent(
        PAGE, {"handoff"}
    )
    assert without_absent(PAGE, {"handoff", "airtable"}) == PAGE
    rows = without_rows(PAGE, {"assistant"}, {"OPENAI_API_KEY"}, ["docs/operators.md"])
    assert set(PAGE.splitlines()) - set(rows.splitlines()) == {
        "| `OPENAI_API_KEY`, `OPENAI_MODEL` | the assistant |",
        "| what operators do | [the page](docs/operators.md) |",
    }
    assert "a ticket" not in without_rows(PAGE, {"handoff"})
    assert "a user" in without_rows(PAGE, {"handoff"})
    assert "See the page and [other](docs/other.md)." in without_links(PAGE, ["docs/operators.md"])


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["fork", str(tmp_path / "file/my-bot"), "--features", ""]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{tmp_path}/file")
    assert told.endswith(" cannot be written: Not a directory. Name another folder.\n")
