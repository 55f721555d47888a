"""The files for editors, GitHub and hosting platforms parse, and agree with the project."""

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import watch
import yaml

ROOT = Path(__file__).parents[2]
DATA_FOLDERS = (".github", ".vscode", ".devcontainer", "docs", "tests")
READERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def data_files() -> list[Path]:
    """JSON, TOML and YAML files of the root and of the folders that hold them."""
    folders = (path for folder in DATA_FOLDERS for path in (ROOT / folder).rglob("*"))
    paths = [*ROOT.iterdir(), *folders]
    return sorted(path for path in paths if path.is_file() and path.suffix in READERS)


def read(name: str) -> Any:
    path = ROOT / name
    return READERS[path.suffix](path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", data_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_data_file_parses(path: Path) -> None:
    assert READERS[path.suffix](path.read_text(encoding="utf-8"))


def test_the_workflow_runs_the_command_of_the_continuous_integration() -> None:
    job = read(".github/workflows/test.yml")["jobs"]["test"]
    assert ".ci/run" in [step.get("run") for step in job["steps"]]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert ".".join(map(str, watch.OLDEST_PYTHON)) in job["strategy"]["matrix"]["python"]


def test_an_issue_form_has_a_name_and_unique_ids() -> None:
    forms = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    assert {path.stem for path in forms} == {"bug", "config", "idea"}
    for form in [read(str(path.relative_to(ROOT))) for path in forms if path.stem != "config"]:
        assert form["name"]
        assert form["description"]
        inputs = [part for part in form["body"] if part["type"] != "markdown"]
        ids = [part["id"] for part in inputs]
        assert len(set(ids)) == len(ids)
        assert all(part["attributes"]["label"] for part in inputs)


def test_pre_commit_uses_the_ruff_of_the_lock_file() -> None:
    repos = {one["repo"]: one["rev"] for one in read(".pre-commit-config.yaml")["repos"]}
    locked = re.search(r"^ruff==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert locked is not None
    assert repos["https://github.com/astral-sh/ruff-pre-commit"] == f"v{locked[1]}"
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+", rev) for rev in repos.values())


def test_the_container_has_the_oldest_python_and_the_ports_of_the_bot_and_the_emulator() -> None:
    container = read(".devcontainer/devcontainer.json")
    oldest = ".".join(map(str, watch.OLDEST_PYTHON))
    assert f"/python:{oldest}-" in container["image"]
    assert container["forwardPorts"] == [5000, 5001]
    wanted = set(read(".vscode/extensions.json")["recommendations"])
    assert set(container["customizations"]["vscode"]["extensions"]) == wanted


def test_an_editor_resolves_imports_as_pytest_does() -> None:
    settings = read(".vscode/settings.json")
    paths = read("pyproject.toml")["tool"]["pytest"]["ini_options"]["pythonpath"]
    assert set(settings["python.analysis.extraPaths"]) <= set(paths)
    assert settings["python.testing.pytestArgs"] == ["tests"]


def test_every_program_of_the_procfile_exists() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    programs = {name: re.search(r"python -m ([\w.]+)", line) for name, line in named(lines)}
    assert programs.keys() == {"web", "worker", "release"}
    for program in programs.values():
        assert program is not None
        path = ROOT / "src" / program[1].replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def named(lines: list[str]) -> list[tuple[str, str]]:
    return [(name, command) for name, _, command in (line.partition(":") for line in lines)]


def test_every_relative_link_of_the_documentation_leads_to_a_file() -> None:
    link = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[\w-]+)?\)")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_a_decision_record_follows_the_template() -> None:
    folder = ROOT / "docs/decisions"
    sections = re.findall(r"^## (.+)$", (folder / "0000-template.md").read_text(), re.MULTILINE)
    index = (folder / "README.md").read_text()
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if path.name != "README.md":
            assert re.findall(r"^## (.+)$", text, re.MULTILINE) == sections, path.name
            assert f"({path.name})" in index, path.name
        if path.name[:4].isdigit() and path.name != "0000-template.md":
            status = text.split("## Status", 1)[1].strip()
            assert re.match(r"(Proposed|Accepted|Superseded by)", status), path.name
