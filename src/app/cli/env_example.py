"""The text of .env-example: every setting with its description."""

from collections.abc import Iterator
from pathlib import Path

from config.settings import ENVIRONMENT_NAMES, Settings

HEAD = "# Copy to .env and fill in. `python3 watch.py` also runs without it."
FILE = Path(".env-example")


def example_text() -> str:
    """Return the whole file: settings to fill in as they are, the others commented out."""
    blocks = (f"{line}\n" for line in (HEAD, *_settings()))
    return "\n".join(blocks)


def write_example(file: Path = FILE) -> Path:
    """Write the file, and return its path."""
    file.write_text(example_text(), encoding="utf-8")
    return file


def _settings() -> Iterator[str]:
    for name in ENVIRONMENT_NAMES:
        field = Settings.model_fields[name.lower()]
        if field.examples:
            line = f"{name}={field.examples[0]}"
        else:
            line = f"# {name}={_shown(field.default)}".rstrip()
        yield f"# {field.description}\n{line}"


def _shown(default: object) -> str:
    """A default as people write it into the file."""
    if default in (None, (), frozenset()):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)
