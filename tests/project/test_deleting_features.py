"""A feature is a folder that can be deleted: the bot starts without it, and stories go on.

Also without all of them at once. Import contracts and types hold there too.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from tests.fakes.fork_server import ForkServer
from tests.fakes.imports import imports_of, modules_in
from tests.fakes.project_copy import ROOT, copy_project

from app.composition.features import find_features

FEATURES = {feature.name: feature for feature in find_features()}
ALL = "all of them"
#: Deletions after which the type checker runs, since that takes seconds. After the others,
#: test_nothing_that_stays_imports_what_goes says the same.
TYPED = [name for name in (ALL, "airtable", "assistant") if name == ALL or name in FEATURES]
NAMES = [ALL, *FEATURES]
PYTHON = sys.executable
STORIES = "tests.fakes.core_stories"


def and_those_that_need(name: str) -> set[str]:
    """Return a feature, and the others that are left out without it."""
    found = {name}
    while more := {one.name for one in FEATURES.values() if found.intersection(one.needs)} - found:
        found |= more
    return set(FEATURES) if name == ALL else found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, and what the type checker already knows of it."""
    folder = tmp_path_factory.mktemp("whole") / "project"
    copy_project(folder)
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
    return folder


@contextmanager
def moved_away(gone: Collection[str], whole: Path) -> Iterator[None]:
    """Have a copy without some features, for a while."""
    aside = whole.with_name("aside")
    places = [Path(kind, "features", one) for one in gone for kind in ("src", "tests")]
    places += [Path(folder) for one in gone for folder in FEATURES[one].folders]
    places = [place for place in places if (whole / place).is_dir()]
    for place in places:
        (aside / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(whole / place, aside / place)
    yield
    for place in places:
        shutil.move(aside / place, whole / place)


@pytest.fixture(scope="module")
def core(whole: Path) -> Iterator[ForkServer]:
    """A process of the copy that has imported the core alone, while no feature was there."""
    with moved_away(FEATURES, whole):
        server = ForkServer(whole / "src", whole, programs=(STORIES,), has_read_texts=False)
        server.wait_until_ready()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def without(request: pytest.FixtureRequest, whole: Path, core: ForkServer) -> Iterator[Path]:
    """The copy without a feature; afterwards it is whole again."""
    with moved_away(and_those_that_need(request.param), whole):
        yield whole


def run(folder: Path, *command: str) -> None:
    """Run a program there; fail with what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("without", NAMES, indirect=True)
def test_the_bot_starts_and_the_stories_of_the_core_go_on(
    without: Path, core: ForkServer, tmp_path: Path
) -> None:
    log, environment = tmp_path / "log", {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    told = core.start(STORIES, environment=environment, folder=without, log=log)
    assert told.wait() == 0, log.read_text()


@pytest.mark.parametrize("without", NAMES, indirect=True)
def test_import_contracts_hold(without: Path) -> None:
    run(without, str(Path(PYTHON).with_name("lint-imports")), "--no-cache")


@pytest.mark.timeout(600)  # minutes without the cache that `watch.py test` leaves
@pytest.mark.parametrize("without", TYPED, indirect=True)
def test_types_hold(without: Path) -> None:
    run(without, PYTHON, "-m", "mypy", "src")


@cache
def imports() -> Mapping[str, Collection[str]]:
    """What each module imports, of the bot and of its tests."""
    modules = modules_in(ROOT / "src")
    modules |= {f"tests.{module}": path for module, path in modules_in(ROOT / "tests").items()}
    return {module: set(imports_of(path, modules)) for module, path in modules.items()}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_stays_imports_what_goes(name: str) -> None:
    """So the type checker finds in it what it finds in the whole: types depend on imports only."""
    names = and_those_that_need(name)
    gone = tuple(f"features.{one}." for one in names) + tuple(
        folder.removeprefix("src/").replace("/", ".") + "."
        for one in names
        for folder in FEATURES[one].folders
    )
    dangling = {
        module: imported
        for module, all_imported in imports().items()
        if not f"{module.removeprefix('tests.')}.".startswith(gone)
        for imported in all_imported
        if f"{imported.removeprefix('tests.')}.".startswith(gone)
    }
    assert len(imports()) > 400
    assert dangling == {}


def test_tests_import_no_feature_but_their_own() -> None:
    """So the tests of the others can be collected, and type-checked, without it."""
    assert list(strange_imports()) == []


def strange_imports() -> Iterator[str]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        folders = path.relative_to(ROOT / "tests").parts
        own = set(folders[1:2]) if folders[0] == "features" and len(folders) > 2 else set()
        own |= {need for name in own for need in FEATURES[name].needs}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            parts = module.removeprefix("tests.").split(".")
            if parts[0] == "features" and parts[1:2] and parts[1] not in own:
                yield f"{path.relative_to(ROOT)}: {module}"
