"""Databases that features use beside that of the settings: `features/<name>/databases.py`."""

from importlib import import_module
from pathlib import Path

import features
from services.setup import CommandSetup
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade


def migrate_more(setup: CommandSetup) -> int:
    """Bring their tables up to date; return how many databases there are."""
    files = [file for path in features.__path__ for file in Path(path).glob("*/databases.py")]
    modules = [import_module(f"features.{file.parent.name}.databases") for file in sorted(files)]
    urls = [url for module in modules for url in module.database_urls(setup)]
    for url in urls:
        engine = open_engine(url)
        try:
            upgrade(engine)
        finally:
            engine.dispose()
    return len(urls)
