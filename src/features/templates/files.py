"""Files that describe a template: Meta's JSON, or the same as TOML."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from utils.commands import CommandError


def read_file(path: Path) -> dict[str, Any]:
    """Return the content of a .json or .toml file. Raise CommandError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        kind = "TOML" if path.suffix.lower() == ".toml" else "JSON"
        raise CommandError(f"{path} is no {kind}: {error}") from error
    if not isinstance(content, dict):
        raise CommandError(f"{path} holds no object with name, language, category, components.")
    return content


def upper_case(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition with Meta's words in upper case, as Meta describes them."""
    made = dict(given)
    for name in ("category", "parameter_format"):
        if isinstance(made.get(name), str):
            made[name] = made[name].upper()
    return made
