"""Writes .env-example: every setting of the core and of the features that are there."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from app.composition.features import settings_models
from config.env import Settings
from utils.setting_types import SettingsModel

FILE = Path(".env-example")
_START = "# Copy to .env and fill in. `python3 watch.py` also runs without it."


def env_example(models: Sequence[type[SettingsModel]] = ()) -> str:
    """Return the text of .env-example: the core's settings, then those of each feature.

    Required settings are there to be filled in; the others are commented out.
    """
    lines = [_START, "", *_lines(Settings)]
    for model in models:
        if model.names():
            lines += [f"# --- {model.model_config.get('title') or model.__name__} ---", ""]
            lines += _lines(model)
    return "\n".join(lines)


def example_text() -> str:
    """Return the whole file: settings to fill in as they are, the others commented out."""
    return env_example(settings_models())


def write_example(file: Path = FILE) -> Path:
    """Write the file, and return its path."""
    file.write_text(example_text(), encoding="utf-8")
    return file


def _lines(model: type[SettingsModel]) -> Iterator[str]:
    for field, names in model.names().items():
        info = model.model_fields[field]
        yield f"# {info.description}"
        yield _assignment(names[0], info)
        yield ""


def _assignment(name: str, info: FieldInfo) -> str:
    if info.examples:
        return f"{name}={info.examples[0]}"
    return f"# {name}={_shown(info.default)}"


def _shown(default: Any) -> str:
    if default in (None, (), frozenset()):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
