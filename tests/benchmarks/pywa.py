"""pywa, installed for the comparison only and away from the bot's own environment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.benchmarks.serving import ROOT, Server, environment, serving

#: The newest when this comparison was written.
PACKAGES = ("pywa[fastapi]==4.5.0", "uvicorn[standard]>=0.54,<0.55")
FOLDER = ROOT / ".local" / "pywa"


@cache
def installed() -> Path | None:
    """Its Python; None, and a word about it, where it cannot be had."""
    python = FOLDER / "bin" / "python"
    if not (FOLDER / "complete").exists():
        base = getattr(sys, "_base_executable", sys.executable)
        try:
            subprocess.run([base, "-m", "venv", "--clear", FOLDER], check=True)
            subprocess.run([python, "-m", "pip", "install", "-qqq", *PACKAGES], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"  pywa is left out, since it could not be installed: {error}", flush=True)
            return None
        (FOLDER / "complete").touch()
    return python


@contextmanager
def serving_pywa(python: Path, sink: Server | None = None, *, echoes: bool) -> Iterator[Server]:
    meta = {"meta": sink.url} if sink else {}
    environ = environment(**meta, ECHO="1" if echoes else "")
    with serving("tests.benchmarks.pywa_app:app", environ, python=python) as server:
        yield server
