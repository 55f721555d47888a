"""The options of `watch.py`: a config file, the real account, and names that bots of Visor know."""

import os
from pathlib import Path
from typing import Any

import pytest

from app.cli import commands as cli
from app.development import supervisor
from config.names import FILE_SETTING

Started = list[tuple[dict[str, Any], str | None, str | None]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What would run: its options, the config file, and the log level."""
    found: Started = []

    def main(**options: Any) -> int:
        found.append((options, os.environ.get(FILE_SETTING), os.environ.get("LOG_LEVEL")))
        return 0

    for name in (FILE_SETTING, "LOG_LEVEL", "VISOR_DEBUG"):
        monkeypatch.setenv(name, "")  # put back at the end, whatever a test sets
        monkeypatch.delenv(name)
    monkeypatch.setattr(supervisor, "main", main)
    return found


@pytest.mark.parametrize("more", [[], ["--watch"]])
def test_a_config_file_with_the_real_account(
    started: Started, tmp_path: Path, more: list[str]
) -> None:
    file = tmp_path / "bot.yaml"
    assert cli.main(["--config", str(file), "--whatsapp", *more]) == 0
    [(options, config, level)] = started
    assert (options["is_real"], config, level) == (True, str(file), None)


def test_without_options_the_emulator_and_no_file(started: Started) -> None:
    assert cli.main([]) == 0
    [(options, config, level)] = started
    assert (options["is_real"], config, level) == (False, None, None)


def test_following_needs_a_file(started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["--watch"])
    assert "--watch needs --config FILE" in capsys.readouterr().err
    assert not started


@pytest.mark.parametrize(
    ("debug", "chosen", "level"),
    [("true", None, "DEBUG"), ("true", "ERROR", "ERROR"), ("false", None, None)],
)
def test_the_name_of_visor_for_a_verbose_log(
    started: Started,
    monkeypatch: pytest.MonkeyPatch,
    debug: str,
    chosen: str | None,
    level: str | None,
) -> None:
    monkeypatch.setenv("VISOR_DEBUG", debug)
    if chosen is not None:
        monkeypatch.setenv("LOG_LEVEL", chosen)
    assert cli.main([]) == 0
    assert started[0][2] == level
