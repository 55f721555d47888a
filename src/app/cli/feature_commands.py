"""Commands of the features that are there: `commands(setup)` in `features/<name>/commands.py`."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import features
from app.cli.command_setup import LocalSetup
from utils.commands import Command


def feature_commands() -> Iterator[Command]:
    """Yield the commands of each feature, by the names of the folders."""
    folders = sorted(folder for path in features.__path__ for folder in Path(path).iterdir())
    for folder in folders:
        if (folder / "commands.py").is_file():
            module = import_module(f"features.{folder.name}.commands")
            yield from module.commands(LocalSetup())
