"""Which features the code imports: `needs` is the truth, for folders without `__init__.py` too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.composition.features import find_features

SOURCE = Path(__file__).parents[2] / "src"
CORE = (
    "routes", "controllers", "services", "flows", "flow_engine", "jobs", "storage", "schemas",
    "domain", "texts", "config", "utils",
)  # fmt: skip


def imported_features(folder: Path) -> Iterator[str]:
    """Yield the name of a feature for each import of one."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            elif isinstance(node, ast.Import):
                modules = [one.name for one in node.names]
            parts = (module.split(".") for module in modules)
            yield from (part[1] for part in parts if part[0] == "features" and len(part) > 1)


def test_a_feature_imports_the_features_that_it_needs_and_no_others() -> None:
    for feature in find_features():
        imported = {*imported_features(SOURCE / "features" / feature.name)} - {feature.name}
        assert imported <= {*feature.needs}, feature.name


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_no_feature(name: str) -> None:
    assert [*imported_features(SOURCE / name)] == []
