"""docs/architecture.md says what the code does."""

import inspect
import re
from pathlib import Path

from tests.fakes.imports import imports_of, modules_in

from app.cli.feature_marks import features_there
from app.cli.project_map import BESIDE_THE_CORE
from app.cli.routing_table import describe_stages, routing_table
from services.conversations.participant import Participant
from services.feature import Feature

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
#: Most other modules of the project that a module of the core imports, also only for its types.
MAX_IMPORTS = 12


def test_the_table_of_stages_is_that_of_the_code() -> None:
    shown = re.search(r"<!-- stages[^\n]*-->\n(.*?)<!-- end of stages -->", PAGE, re.DOTALL)
    assert shown is not None
    assert without_absent_features(shown[1].strip()) == without_absent_features(
        describe_stages(routing_table())
    )


def without_absent_features(table: str) -> list[str]:
    """Return the rows of stages that are there, without numbers, which ascend."""
    rows = [row for row in table.splitlines() if not is_of_absent_feature(row)]
    numbers = [int(number) for number in re.findall(r"^\| (\d+) ", "\n".join(rows), re.MULTILINE)]
    assert numbers == sorted(set(numbers))
    return [re.sub(r"^\| \d+ ", "| ", row) for row in rows]


def is_of_absent_feature(row: str) -> bool:
    found = re.search(r"`features/(\w+)`", row)
    return found is not None and found[1] not in features_there(ROOT)


def test_all_that_a_feature_can_add_is_in_the_table() -> None:
    declared = {
        name
        for one in (Participant, Feature)
        for name in (*vars(one), *inspect.get_annotations(one))
    }
    public = {name for name in declared if not name.startswith("_")}
    rows = re.findall(r"^\| (`.+?`) \| ", PAGE.split("## What a feature can add")[1], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert public <= named
    tables = {"users", "record", "job", "lane", "timer", "delivery"}
    assert named - public <= tables


def test_every_module_of_the_drawing_exists() -> None:
    drawn = re.findall(r'\["([a-z_]+/[\w/]+)(?:<br>|"\])', PAGE)
    assert len(drawn) >= 9
    for name in drawn:
        path = ROOT / "src" / name
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


def test_the_layers_are_those_of_the_contract() -> None:
    contract = (ROOT / "pyproject.toml").read_text().split('type = "layers"')[1]
    layers = re.findall(r'^    "(.+)",$', contract.split("]")[0], re.MULTILINE)
    drawn = PAGE.split("## Layers")[1].split("```")[1].strip().splitlines()
    assert [re.split(r"\s{2,}", line)[0] for line in drawn] == layers


def test_the_rules_of_contributing_name_what_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 80
    for folder in re.findall(r"`([a-z_]+(?:/[a-z_]+)?)/`", text.split("## Where things are")[1]):
        assert (ROOT / folder).is_dir() or (ROOT / "src" / folder).is_dir(), folder


def test_no_module_of_the_core_imports_many_others() -> None:
    modules = modules_in(ROOT / "src")
    beside = tuple(place.removesuffix(".py").replace("/", ".") for place in BESIDE_THE_CORE)
    counts = {
        name: len({*imports_of(path, modules)}.intersection(modules))
        for name, path in modules.items()
        if not f"{name}.".startswith(tuple(f"{place}." for place in beside))
    }
    assert len(counts) > 100
    assert {name: count for name, count in counts.items() if count > MAX_IMPORTS} == {}
