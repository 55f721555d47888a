"""Writes .env-example: every setting with its description."""

from pathlib import Path

from app.composition.features import settings_models
from config.env import env_example

FILE = Path(".env-example")


def write_example(file: Path = FILE) -> Path:
    """Write the settings of the core and of the features that are there; return the path."""
    file.write_text(env_example(settings_models()), encoding="utf-8")
    return file
