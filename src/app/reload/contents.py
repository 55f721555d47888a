"""The files that settings are read from, and what is in them. It reads files: use it in threads."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from config.env import Settings
from config.values import file_of_people
from utils.digest import letters
from utils.file_settings import FileSettings
from utils.regular_files import Unreadable, read_regular


def other_files(settings: Settings) -> Iterator[Path]:
    """Yield the files that the settings name."""
    if (people := file_of_people(settings.given.get("USERS", ""))) is not None:
        yield people
    for part in settings.parts:
        yield from map(Path, part.files() if isinstance(part, FileSettings) else ())


def contents(settings: Settings) -> Mapping[Path, bytes]:
    """Return the content of the files that the settings name."""
    return {path: _content(path) for path in other_files(settings)}


def digest_of(settings: Settings) -> str:
    """Return a short hash of the config file, by which processes can be compared."""
    return letters(_content(settings.bot_config) if settings.bot_config else b"")


def version_of(paths: Iterable[Path]) -> str:
    """Return a short hash of several files: it changes with any of them."""
    return letters(b"".join(letters(_content(path), 32).encode() for path in paths))


def _content(path: Path) -> bytes:
    """Return the content of a file; nothing of one that cannot be read: loading it says so."""
    with suppress(Unreadable):
        return read_regular(path)
    return b""
