"""Checks of the files that people sent: whether they are kept, and can be read."""

import asyncio
from collections.abc import Iterator
from functools import partial

from sqlalchemy import inspect

from domain.checks import Check, Finding, ok, skip, warn
from features.kept_files.encrypting import count_by_key
from features.kept_files.settings import KeptFilesSettings
from services.setup import CheckSetup
from storage.engine.reading import file_of, reading
from storage.tables.kept_file_pieces import piece
from utils.key_ring import KeyRing

NEW_KEY = "python3 watch.py files new-key"


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of kept files."""
    check = partial(check_files, setup.settings_of(KeptFilesSettings), setup.database_url)
    yield Check("kept files", check, needs=("database",))


async def check_files(
    settings: KeptFilesSettings | None, database_url: str | None
) -> list[Finding]:
    """Check whether files are kept, and whether the keys of those that are stored are there."""
    if settings is None or database_url is None:
        return [skip("waits for: settings")]
    found = await asyncio.to_thread(_stored, database_url)
    return [_kept(settings), *_unreadable(settings, found)]


def _kept(settings: KeptFilesSettings) -> Finding:
    if settings.are_kept:
        return ok("files of people are kept, encrypted")
    return ok("files of people are not kept (KEEP_FILES=off): Meta has them for 30 days at most")


def _unreadable(settings: KeptFilesSettings, found: dict[str | None, int]) -> Iterator[Finding]:
    keys = KeyRing(settings.files_keys)
    if found.get(None) and not keys.newest:
        yield warn(
            "files of an older version are stored without encryption",
            f"Set FILES_KEYS ({NEW_KEY}): the bot encrypts them at its next start.",
        )
    if missing := [one for one in found if one is not None and not keys.has(one)]:
        yield warn(
            f"FILES_KEYS lacks keys of stored files: {', '.join(sorted(missing))}",
            "Add them behind the newest key (`python3 watch.py files keys`).",
        )


def _stored(database_url: str) -> dict[str | None, int]:
    """Return how many pieces each key encrypts; nothing before the first start."""
    file = file_of(database_url)
    if file is not None and not file.exists():
        return {}
    with reading(database_url) as connection:
        columns = inspect(connection)
        if not columns.has_table(piece.name):
            return {}
        names = {one["name"] for one in columns.get_columns(piece.name)}
        return dict(count_by_key(connection)) if piece.c.key_id.name in names else {}
