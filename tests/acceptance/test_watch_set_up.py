"""watch.py in a fresh clone: sets up by itself, and after that starts at once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import watch

PROGRAM = """
import os, sys
print(sys.prefix, os.getcwd(), os.environ["PYTHONPATH"], *sys.argv[1:], sep="|")
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project without dependencies, so that nothing has to be downloaded."""
    shutil.copy(watch.__file__, tmp_path)
    for lock in (watch.RUNTIME_LOCK, watch.DEVELOPMENT_LOCK):
        (tmp_path / lock).write_text(f"# {lock}: nothing needed\n")
    (tmp_path / "src/app").mkdir(parents=True)
    (tmp_path / "src/app/cli.py").write_text(PROGRAM)
    return tmp_path.resolve()


def run_watch(clone: Path, *arguments: str) -> list[str]:
    python = getattr(sys, "_base_executable", sys.executable)
    result = subprocess.run(
        [python, str(clone / "watch.py"), *arguments],
        env={**os.environ, "PATH": os.defpath},
        cwd=clone.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


def test_a_fresh_clone_sets_itself_up_once_and_runs(clone: Path) -> None:
    first, second = run_watch(clone, "test", "-x"), run_watch(clone, "chat", "--name", "Ana Ruiz")
    started = f"{clone / '.venv'}|{clone}|{clone / 'src'}"
    assert first[0].startswith("Setting up .venv from requirements-dev.txt")
    assert first[1] == f"{started}|test|-x"
    assert second == [f"{started}|chat|--name|Ana Ruiz"]
