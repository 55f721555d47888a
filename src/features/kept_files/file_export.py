"""Lists kept files, and copies them out of the database."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from features.kept_files.settings import KeptFilesSettings
from services.setup import CommandSetup
from storage.engine.group_commit import Transaction
from storage.tables import kept_file_pieces, kept_files
from storage.tables.kept_files import KeptFile
from utils.commands import CommandError
from utils.key_ring import ContentChanged, KeyMissing, KeyRing
from utils.private_files import make_private, make_private_folder

#: Longest part of a name that the person chose, in bytes: file systems take 255 in all, and a
#: letter of many languages has three.
MAX_NAME_BYTES = 120


def run(setup: CommandSetup, folder: Path | None) -> int:
    """Print the files, or copy them to a folder. Return the exit code."""
    return asyncio.run(show_files(setup, folder))


async def show_files(setup: CommandSetup, folder: Path | None) -> int:
    """Do what `run` does, in an event loop."""

    def find(connection: Connection, now: float) -> Sequence[KeptFile]:
        return [KeptFile(*row) for row in connection.execute(kept_files.list_files(now))]

    keys = KeyRing(setup.settings_of(KeptFilesSettings).files_keys)
    async with setup.open_database() as database:
        found = await database.submit(Transaction(find))
        for one in found:
            name = file_name(one)
            if folder is not None:
                content = await database.submit(_content(keys, one.id))
                await asyncio.to_thread(_write, folder / name, content)
            print(f"{name}  {one.size} bytes  {one.asked_at:%Y-%m-%d %H:%M}")
    if not found:
        print("There are no files yet.")
    return 0


def _content(keys: KeyRing, file_id: str) -> Transaction[bytes]:
    def read(connection: Connection, _now: float) -> bytes:
        try:
            return kept_file_pieces.read(connection, keys, file_id)
        except KeyMissing as missing:
            raise CommandError(f"FILES_KEYS lacks the key {missing}: add it.") from None
        except ContentChanged:
            raise CommandError(f"The file {file_id} was changed in the database.") from None

    return Transaction(read)


def _write(path: Path, content: bytes) -> None:
    """Write a copy that its owner alone may read. Raise CommandError."""
    try:
        make_private_folder(path.parent)  # names of files tell of people, too
        make_private(path)
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"FOLDER: {path.parent} cannot be written: {error.strerror}.") from error


def file_name(file: KeptFile) -> str:
    """Return a name that no folder and no other file has: Meta's id, and what the person named."""
    safe = re.sub(r"[^\w.\- ]", "_", Path(file.name).name).lstrip(".")
    safe = safe.encode()[-MAX_NAME_BYTES:].decode(errors="ignore")
    return f"{re.sub(r'[^0-9A-Za-z]', '', file.id)[-24:]}-{safe or 'file'}"
