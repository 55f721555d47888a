"""A copy of the project in which a test may change and delete what it likes."""

import shutil
from pathlib import Path

from app.cli.project_files import project_files

ROOT = Path(__file__).parents[2]


def copy_project(folder: Path) -> None:
    """Copy all files with their times, and with what Python has compiled of them."""
    for name in project_files(ROOT):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    for cache in (ROOT / "src").rglob("__pycache__"):
        target = folder / cache.relative_to(ROOT)
        if target.parent.is_dir():
            shutil.copytree(cache, target)
