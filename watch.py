"""Runs and tests the bot from a fresh clone: `python3 watch.py`, `python3 watch.py test`.

Needs nothing but Python 3.11 or newer. Everything else is installed into .venv, at the first start
and again after a lock file has changed. Python 3.8 can parse this file, to say which one is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
PYTHON_VERSION = "{}.{}".format(*sys.version_info)

RUNTIME_LOCK = "requirements.txt"
#: All of RUNTIME_LOCK, pinned to the same versions, and the tools for tests.
DEVELOPMENT_LOCK = "requirements-dev.txt"
#: All of RUNTIME_LOCK, and the packages of a command or an option: requirements-docs.txt of `docs`,
#: requirements-calls.txt of `--calls`.
OPTION_LOCK = "requirements-{}.txt"
COMMANDS_WITH_PACKAGES = ("docs",)
DEVELOPMENT_COMMANDS = ("test", "lint", "bench", "prove")
#: Arguments that need no package: they work before anything is installed.
NO_SET_UP = (["--version"], ["--help"], ["-h"], ["help"])

NO_INSTALLER = """\
This Python cannot create a virtual environment, and uv is not installed. Do one of these:
  sudo apt install python3-venv     (Debian, Ubuntu)
  install uv: https://docs.astral.sh/uv/getting-started/installation/
Then start again."""


class Tools(NamedTuple):
    """The programs of this machine that can create an environment."""

    #: A Python outside any environment.
    python: str
    uv: str | None
    pip: bool
    ensurepip: bool


class Environment:
    """The project's .venv. A note in it names the Python and the locks that it was made from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self._note = folder / "installed-from"

    def has(self, lock: Path) -> bool:
        note = self._read_note()
        return self.python.is_file() and note[:1] == [PYTHON_VERSION] and digest(lock) in note

    def install(self, lock: Path, tools: Tools) -> None:
        """Install `lock`. An environment without a note was made by someone else, and is kept."""
        half_made_or_old = self._read_note()[:1] not in ([], [PYTHON_VERSION])
        if half_made_or_old or not self.python.is_file():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            self._note.write_text("unfinished")
            run(creation(self.folder, tools))
        covered = {lock, lock.with_name(RUNTIME_LOCK), *self._installed_beside(lock)}
        self._note.write_text("unfinished")
        run(installation(self.python, lock, tools))
        self._note.write_text("\n".join([PYTHON_VERSION, *sorted(map(digest, covered))]))

    def _installed_beside(self, lock: Path) -> list[Path]:
        """Return the other locks that are installed; all pin the same versions."""
        return [other for other in lock.parent.glob("requirements*.txt") if self.has(other)]

    def _read_note(self) -> list[str]:
        return self._note.read_text().split() if self._note.is_file() else []


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def creation(folder: Path, tools: Tools) -> list[str]:
    """Return the command that creates an empty environment."""
    if tools.uv:
        make = [tools.uv, "venv", "--quiet", "--allow-existing", "--python", tools.python]
    elif tools.ensurepip:
        make = [tools.python, "-m", "venv"]
    elif tools.pip:
        make = [tools.python, "-m", "venv", "--without-pip"]
    else:
        raise SystemExit(NO_INSTALLER)
    return [*make, str(folder)]


def installation(python: Path, lock: Path, tools: Tools) -> list[str]:
    """Return the command that fills an environment, by uv or by a pip inside or outside of it."""
    if tools.uv:
        install = [tools.uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    elif tools.pip:
        install = [tools.python, "-m", "pip", "--python", str(python), "install"]
    elif tools.ensurepip:
        install = [str(python), "-m", "pip", "install"]
    else:
        raise SystemExit(NO_INSTALLER)
    return [*install, "--quiet", "--require-hashes", "-r", str(lock)]


def find_tools() -> Tools:
    return Tools(
        python=getattr(sys, "_base_executable", sys.executable),
        uv=shutil.which("uv"),
        pip=importlib.util.find_spec("pip") is not None,
        ensurepip=importlib.util.find_spec("ensurepip") is not None,
    )


def run(command: list[str]) -> None:
    calm = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.call(command, env={**os.environ, **calm}) != 0:
        raise SystemExit(f"Could not set up .venv. This failed:\n  {' '.join(command)}")


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Make a second terminal wait until the first has finished."""
    folder.mkdir(exist_ok=True)
    with (folder / "set-up.lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(environment: Environment, lock: Path) -> None:
    if environment.has(lock):
        return
    with one_at_a_time(ROOT / ".local"):
        if not environment.has(lock):
            said = f"Setting up .venv from {lock.name}: once, up to a minute."
            print(said, file=sys.stderr, flush=True)  # the output may go to a file
            environment.install(lock, find_tools())


def locks_for(arguments: list[str], folder: Path) -> list[Path]:
    """Return the locks of a command and of its options."""
    is_development = arguments[:1] and arguments[0] in DEVELOPMENT_COMMANDS
    options = [each[2:] for each in arguments if each[:2] == "--" and each[2:].isalpha()]
    commands = [each for each in arguments[:1] if each in COMMANDS_WITH_PACKAGES]
    more = [folder / OPTION_LOCK.format(each) for each in (*commands, *options)]
    first = folder / (DEVELOPMENT_LOCK if is_development else RUNTIME_LOCK)
    return [*(each for each in more if each.is_file()), first]


def refuse_old_python(version: tuple[int, int]) -> None:
    if version < OLDEST_PYTHON:
        oldest, found = (".".join(map(str, each)) for each in (OLDEST_PYTHON, version))
        raise SystemExit(f"Python {oldest} or newer is needed, and this is Python {found}.")


def become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Run a program in place of this one, so that signals reach it directly."""
    if sys.platform == "win32":
        sys.exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)


def main(arguments: list[str]) -> NoReturn:
    refuse_old_python(sys.version_info[:2])
    environment = Environment(ROOT / ".venv")
    locks = locks_for(arguments, ROOT)
    if arguments in NO_SET_UP and not environment.has(locks[-1]):
        python = sys.executable
    else:
        for lock in locks:
            set_up(environment, lock)
        python = str(environment.python)
    started_from = str(Path.cwd())
    os.chdir(ROOT)
    ours = {
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONUTF8": "1",
        "WATCH_STARTED_FROM": started_from,  # see src/utils/invocation_dir.py
    }
    become([python, "-m", "app.cli", *arguments], {**os.environ, **ours})


if __name__ == "__main__":
    main(sys.argv[1:])
