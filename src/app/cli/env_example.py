"""Writes .env-example: every setting of the core and of the features that are there."""

from pathlib import Path

from app.composition.features import settings_models
from config.env import env_example

FILE = Path(".env-example")


def example_text() -> str:
    """Return the whole file: settings to fill in as they are, the others commented out."""
    return env_example(settings_models())


def write_example(file: Path = FILE) -> Path:
    """Write the file, and return its path."""
    file.write_text(example_text(), encoding="utf-8")
    return file
