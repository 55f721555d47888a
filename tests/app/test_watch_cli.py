"""The commands of watch.py."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from app.cli import commands as cli
from app.development.plan import SOURCE
from utils.broken_pipe import NOBODY_READS

STORY = SOURCE.parent / "tests/acceptance/stories/events-en.yaml"
PASSES = [sys.executable, "-c", ""]
FAILS = [sys.executable, "-c", "raise SystemExit(3)"]


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["fly"])
    assert "fly" in capsys.readouterr().err


def test_a_command_refuses_arguments_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["lint", "--fast"])
    assert "unknown arguments: --fast" in capsys.readouterr().err


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
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
        "dead-letters",
        "airtable",
        "doctor",
        "bench",
        "lint",
        "test",
    ):
        assert re.search(rf"\n    {command}\s", shown)


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
    assert (done.returncode, done.stderr) == (NOBODY_READS, "")


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
    assert "| 1 | `ignored_type` | core | Reactions, edits" in shown
    assert "## registration\n\n```mermaid\nstateDiagram-v2\n" in shown
    assert "## main_menu\n\n```mermaid\n" in shown


def test_all_checks_run_even_after_one_failed(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run_all({"first": FAILS, "second": PASSES, "third": FAILS}) == 1
    assert "== second" in capfd.readouterr().out


def test_failed_checks_are_named_at_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    cli.run_all({"first": FAILS, "second": PASSES, "third": FAILS})
    assert capfd.readouterr().out.endswith("== failed: first, third\n")


def test_checks_that_pass_make_a_success(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run_all({"first": PASSES}) == 0
    assert capfd.readouterr().out.endswith("== all passed\n")
