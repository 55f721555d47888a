"""The commands of watch.py."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
from tests.benchmarks.__main__ import PARTS, module_of

from app.cli import commands as cli
from app.cli.env_example import example_text
from app.cli.feature_marks import features_there, without_absent
from app.cli.routing_table import routing_table
from app.cli.testing import CHECKS, run_all
from app.cli.version import describe_version
from app.composition.features import settings_models
from app.development.given_settings import setting_names
from app.development.plan import SOURCE
from utils.broken_pipe import SIGPIPE_EXIT_CODE
from utils.commands import Command

STORY = SOURCE.parent / "tests/acceptance/stories/events-en.yaml"
PAGE = SOURCE.parent / "docs/commands.md"
NAMES = [command.name for command in cli.COMMANDS]
PASSES = [sys.executable, "-c", ""]
FAILS = [sys.executable, "-c", "raise SystemExit(3)"]


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["fly"])
    assert "fly" in capsys.readouterr().err


def test_a_command_refuses_arguments_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["lint", "--fast"])
    assert "unrecognized arguments: --fast" in capsys.readouterr().err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in (
        "run",
        "chat",
        "chaos",
        "trigger",
        "story",
        "flows",
        "new",
        "migrate",
        "backup",
        "restore",
        "jobs",
        "doctor",
        "bench",
        "prove",
        "lint",
        "test",
    ):
        assert re.search(rf"\n    {command}\s", shown)


@pytest.mark.parametrize("asked", [["help"], ["-h"]])
def test_the_overview_has_other_names(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(asked) == 0
    assert capsys.readouterr().out == f"{cli.overview(cli.COMMANDS)}\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("flws", "flows"),
        ("dead-letters", "jobs list --state dead"),
        ("dead-leters", "jobs list --state dead"),
        ("docter", "doctor"),
    ],
)
def test_a_misspelt_command_gets_a_suggestion(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([typed], ["help", typed]):
        with pytest.raises(SystemExit, match="2"):
            cli.main(arguments)
        assert f"Did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize("command", cli.COMMANDS, ids=NAMES)
def test_each_command_has_help_with_its_examples(
    command: Command, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command.examples
    try:
        code = cli.main(["help", command.name])
    except SystemExit as ended:
        code = int(ended.code or 0)
    shown = capfd.readouterr().out
    assert code == 0
    assert f"usage: watch.py {command.name}" in shown
    for example in command.examples:
        assert example.split()[0] == command.name
        assert f"\n  python3 watch.py {example}\n" in f"{shown}\n"


def test_the_help_of_test_runs_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        cli.main(["test", "--help"])
    assert "== " not in capfd.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["backup"], ["restore", "a", "b"], ["jobs", "forget"], ["jobs", "discard"], ["--fast"]],
    ids=" ".join,
)
def test_a_wrong_usage_has_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert capsys.readouterr().err.startswith("usage: watch.py ")


def test_others_can_add_commands(capsys: pytest.CaptureFixture[str]) -> None:
    def greet(arguments: Sequence[str]) -> int:
        sys.stdout.write(f"hello {' '.join(arguments)}\n")
        return 7

    added = Command("greet", "Extras", "say hello", greet, examples=("greet Ana",))
    assert cli.main(["greet", "Ana"], [*cli.COMMANDS, added]) == 7
    assert capsys.readouterr().out == "hello Ana\n"
    assert "\nExtras:\n    greet  say hello\n" in cli.overview([added])
    with pytest.raises(ValueError, match="greet"):
        cli.main(["greet"], [added, added])


def test_the_page_of_commands_has_each_command_with_its_examples() -> None:
    page = without_absent(PAGE.read_text(), features_there(SOURCE.parent))
    assert re.findall(r"^### `(.+)`$", page, re.MULTILINE) == NAMES
    groups = dict.fromkeys(command.group for command in cli.COMMANDS)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == list(groups)
    shown = re.findall(r"^python3 watch\.py ([a-z].*)$", page, re.MULTILINE)
    examples = [example for command in cli.COMMANDS for example in command.examples]
    assert [line for line in shown if line.split()[0] in NAMES] == examples


SLOW = {"argparse", "dataclasses", "subprocess", "logging", "config", "sqlalchemy"}
HELP = f"import sys; cli.main(['help']); assert not {SLOW} & set(sys.modules), sys.modules"


@pytest.mark.parametrize("program", [HELP, "cli.main(['--version'])"], ids=["help", "version"])
def test_overview_and_version_need_no_package_and_start_at_once(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"from app.cli import commands as cli; {program}"],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_version_is_that_of_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = ".".join(map(str, sys.version_info[:3]))
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text())["project"]
    assert cli.main(["--version"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{project['name']} {project['version']}")
    assert shown.endswith(f", Python {python}\n")
    unknown = f"version unknown (no pyproject.toml here), Python {python}"
    assert describe_version(tmp_path) == unknown


def test_the_version_names_the_commit(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "bot"\nversion = "1.2.3"\n')
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(tmp_path)]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "first"]):
        subprocess.run([*git, *arguments], check=True)
    described = describe_version(tmp_path)
    assert re.fullmatch(r"bot 1\.2\.3 \(commit [0-9a-f]{7,}\), Python .*", described)
    project.write_text('[project]\nname = "bot"\nversion = "1.2.4"\n')
    assert "-dirty)" in describe_version(tmp_path)


def test_the_example_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["env-example"]) == 0
    assert (tmp_path / ".env-example").read_text() == example_text()
    assert capsys.readouterr().out == "Wrote .env-example.\n"


READ_ONLY = {
    "jobs": (0, "No jobs: there is no database yet."),
    "jobs list": (0, "No jobs: there is no database yet."),
    "jobs show 3": (1, "No jobs: there is no database yet."),
    "jobs retry": (0, "No jobs: there is no database yet."),
    "jobs retry 3": (1, "No jobs: there is no database yet."),
    "jobs discard 3": (1, "No jobs: there is no database yet."),
    "doctor": (0, "bot.db will be created at the first start"),
    "backup copy": (1, "There is no database bot.db yet."),
    "flows": (0, "## registration"),
}


@pytest.mark.parametrize("line", READ_ONLY)
def test_a_read_only_command_makes_no_database_in_a_fresh_clone(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in setting_names(settings_models()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    code, words = READ_ONLY[line]
    assert cli.main(line.split()) == code
    assert words in "".join(capsys.readouterr())
    assert list(tmp_path.iterdir()) == []


def test_every_benchmark_is_a_part_of_bench() -> None:
    tests = SOURCE.parent / "tests"
    found = [*tests.glob("benchmarks/*.py"), *tests.glob("features/*/benchmark.py")]
    modules = [file for file in found if "\ndef measure(" in file.read_text()]
    assert sorted(Path(str(module_of(name).__file__)) for name in PARTS) == sorted(modules)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--list"],
        cwd=SOURCE.parent,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(PARTS)


def test_chat_without_an_emulator_says_how_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["chat"]) == 1
    assert "python3 watch.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        ["app.cli", "doctor"],
        ["app.cli", "flows"],
        ["emulator.cli.story", "run", str(STORY)],
    ],
    ids=lambda command: command[1],
)
def test_a_reader_that_has_read_enough_ends_a_command_silently(
    command: list[str], tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (SIGPIPE_EXIT_CODE, "")


@pytest.mark.parametrize("command", ["chat", "chaos", "trigger", "story"])
def test_the_help_of_a_command_says_how_it_is_started(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module(f"emulator.cli.{command}")
    monkeypatch.setattr(sys, "argv", ["x", "--help"])
    with pytest.raises(SystemExit, match="0"):
        module.main()
    assert capsys.readouterr().out.startswith(f"usage: watch.py {command} ")


def test_flows_prints_a_diagram_of_each_flow_and_menu(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["flows"]) == 0
    shown = capsys.readouterr().out
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| (.+) \|$", shown, re.MULTILINE)
    stages = [(str(number), one.name) for number, one in enumerate(routing_table(), start=1)]
    assert [(number, stage) for number, stage, _ in rows] == stages
    assert "| `ignored_type` | core | Reactions, edits" in shown
    assert "## registration\n\n```mermaid\nstateDiagram-v2\n" in shown
    assert "## main_menu\n\n```mermaid\n" in shown


def test_with_a_path_only_the_tests_there_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run: list[list[str]] = []

    def note(checks: Mapping[str, Sequence[str]]) -> int:
        run.append([*checks])
        return 0

    monkeypatch.setattr("app.cli.testing.run_all", note)
    assert cli.main(["test", "tests/app/test_watch_cli.py::test_it", "-x"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Only the tests of tests/app/test_watch_cli.py::test_it;")
    assert cli.main(["test", "-k", "doctor"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.main(["test", "tests/nowhere/test_it.py"]) == 1
    assert "there is no tests/nowhere/test_it.py" in capsys.readouterr().err
    assert run == [["pytest"], [*CHECKS, "pytest"]]


def test_all_checks_run_even_after_one_failed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_all({"first": FAILS, "second": PASSES, "third": FAILS}) == 1
    assert "== second" in capfd.readouterr().out


def test_failed_checks_are_named_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    run_all({"first": FAILS, "second": PASSES, "third": FAILS})
    assert capfd.readouterr().out.endswith("== failed: first, third\n")


def test_checks_that_pass_make_a_success(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_all({"first": PASSES}) == 0
    assert capfd.readouterr().out.endswith("== all passed\n")
