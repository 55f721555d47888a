"""What the files of the project promise each other."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import watch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.cli.project_map import OF_FEATURES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
DEVELOPMENT: list[str] = PROJECT["dependency-groups"]["dev"]
OURS = ("src", "tests", "docs", "benchmarks", ".ci", ".github", ".vscode", ".devcontainer")
#: Files of one machine: its settings, and the pointer of a git worktree.
PRIVATE = {".env", ".git"}
#: a folder of somebody's machine, such as a home
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|home|root|Users)/[\w.]")


def read_lock(name: str) -> dict[str, str]:
    """Package to pinned version; every pin must have a hash."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    pins: dict[str, str] = {}
    for line in text.splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
            assert "--hash=sha256:" in line, f"{match[1]} has no hash in {name}"
            pins[canonicalize_name(match[1])] = match[2]
    return pins


def our_files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.name not in PRIVATE)
    for folder in OURS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("requirements.txt", RUNTIME),
        ("requirements-calls.txt", RUNTIME + PROJECT["project"]["optional-dependencies"]["calls"]),
        ("requirements-docs.txt", RUNTIME + PROJECT["project"]["optional-dependencies"]["docs"]),
        ("requirements-dev.txt", RUNTIME + DEVELOPMENT),
    ],
)
def test_a_lock_pins_every_dependency_within_its_range(lock: str, requirements: list[str]) -> None:
    pins = read_lock(lock)
    for requirement in map(Requirement, requirements):
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{lock}: {requirement} but {version}"


@pytest.mark.parametrize("lock", sorted(one.name for one in ROOT.glob("requirements-*.txt")))
def test_every_lock_pins_the_same_versions(lock: str) -> None:
    """`watch.py` installs one beside the other."""
    runtime, development = read_lock("requirements.txt"), read_lock("requirements-dev.txt")
    assert runtime.items() <= read_lock(lock).items() <= development.items()


def test_import_linter_watches_every_folder_of_the_source() -> None:
    folders = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    folders -= {"__pycache__", *OF_FEATURES}  # those are found by name, and nothing imports them
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == folders


def test_no_file_names_a_folder_of_somebody_s_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in our_files()
        if path.suffix not in {".pdf", ".png", ".db"}
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_a_version_of_python_is_asked_for_in_one_way() -> None:
    oldest = ".".join(map(str, watch.OLDEST_PYTHON))
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert f"FROM python:{oldest}-slim" in (ROOT / "Dockerfile").read_text()


def test_the_continuous_integration_runs_what_a_person_runs() -> None:
    assert "python3 watch.py test" in (ROOT / ".ci/run").read_text()
