"""What `watch.py files keys` and `files new-key` do."""

import asyncio
import sys

from features.kept_files.encrypting import count_by_key
from features.kept_files.settings import KeptFilesSettings
from services.setup import CommandSetup
from storage.engine.group_commit import Transaction
from utils.key_ring import KeyRing, new_key


def print_key() -> int:
    """Print a new random key. Return the exit code."""
    print(new_key())
    print(
        "Put it first into FILES_KEYS, before older keys, and keep a copy elsewhere: without it, "
        "nobody can see the kept files.",
        file=sys.stderr,
    )
    return 0


def run(setup: CommandSetup) -> int:
    """Print how much each key encrypts. Return the exit code."""
    return asyncio.run(show_keys(setup))


async def show_keys(setup: CommandSetup) -> int:
    """Do what `run` does, in an event loop."""
    keys = KeyRing(setup.settings_of(KeptFilesSettings).files_keys)
    async with setup.open_database() as database:
        found = dict(await database.submit(Transaction(lambda c, _: count_by_key(c))))
    plain = found.pop(None, 0)
    for one in dict.fromkeys([*keys.ids, *sorted(filter(None, found))]):
        state = "newest" if one == keys.newest else "older" if keys.has(one) else "missing"
        print(f"{one}  {found.get(one, 0)} pieces  {state}")
    if plain:
        print(f"not encrypted  {plain} pieces")
    if not found and not plain:
        print("There are no files yet.")
    return 0
