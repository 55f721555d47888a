"""Templates that are ready to be created: a file each in `ready/`, in several languages."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("ready")


@cache
def ready_templates() -> Mapping[str, Mapping[str, Any]]:
    """Return the content of each file by the name of its template."""
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.toml"))
    }


def definitions(name: str, language: str | None = None) -> Sequence[dict[str, Any]]:
    """Return Meta's JSON of a ready template, in all of its languages or in one; LookupError."""
    found = ready_templates()[name]
    languages = found["languages"] if language is None else {language: found["languages"][language]}
    shared = {"category": found["category"], "parameter_format": found["parameter_format"]}
    return [
        {"name": name, "language": code, **shared, "components": components}
        for code, components in languages.items()
    ]
