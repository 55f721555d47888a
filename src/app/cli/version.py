"""Which version of the program this is."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def describe_version(root: Path = ROOT) -> str:
    """Return name and version of the project, the commit where git knows it, and the Python."""
    python = ".".join(map(str, sys.version_info[:3]))
    commit = _commit(root)
    return f"{_project(root)}{commit and f' (commit {commit})'}, Python {python}"


def _project(root: Path) -> str:
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except FileNotFoundError:  # an image holds src alone
        return "version unknown (no pyproject.toml here)"
    return f"{project['name']} {project['version']}"


def _commit(root: Path) -> str:
    """The short hash, with -dirty after it when files differ from the commit; "" without git."""
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return described.stdout.strip()
