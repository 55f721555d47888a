"""What a start imports."""

import re
from pathlib import Path

from tests.fakes.imports import imports_at_once, modules_in

SOURCE = Path(__file__).parents[2] / "src"
#: Packages that take long to import, and that most starts do not use.
SELDOM_USED = {"alembic", "babel", "openai", "psycopg", "pyairtable", "requests"}


def test_a_start_imports_nothing_slow_that_few_bots_use() -> None:
    """Every process pays for it: those of tests and commands, and each restart of a developer."""
    modules = modules_in(SOURCE)
    features = [name for name in modules if re.fullmatch(r"features\.\w+\.feature", name)]
    waiting = ["app.web", "app.worker", *features]
    seen = set(waiting)
    while waiting:
        importing = waiting.pop()
        for name in imports_at_once(modules[importing], modules):
            assert name.partition(".")[0] not in SELDOM_USED, f"{importing} imports {name} at once"
            if name in modules and name not in seen:
                seen.add(name)
                waiting.append(name)
    assert len(seen) > 200
