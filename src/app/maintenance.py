"""Commands of the people who run the bot: migrations and dead letters."""

import sys
from collections.abc import Sequence

from sqlalchemy import Engine

from config.env import SettingsError, load_database_url
from lanes.upkeep import dead_letters as newest_dead_letters
from lanes.upkeep import retry_dead_letters
from storage.database import database_time, open_engine
from storage.migrate import upgrade


def migrate() -> int:
    engine = _open()
    upgrade(engine)
    engine.dispose()
    print("The tables are up to date.")
    return 0


def dead_letters(arguments: Sequence[str]) -> int:
    match arguments:
        case [] | ["list"]:
            return _list()
        case ["retry", *ids] if all(one.isdecimal() for one in ids):
            return _retry([int(one) for one in ids] or None)
    print("usage: watch.py dead-letters [list | retry [ID ...]]", file=sys.stderr)
    return 2


def _list() -> int:
    with _open().begin() as connection:
        letters = newest_dead_letters(connection)
    for letter in letters:
        print(f"{letter.id}  {letter.kind}  {letter.tries} attempts  {letter.error}")
    print(f"{len(letters)} dead letters" if letters else "No dead letters.")
    return 0


def _retry(ids: Sequence[int] | None) -> int:
    with _open().begin() as connection:
        count = retry_dead_letters(connection, database_time(connection), ids=ids)
    print(f"{count} jobs will run again.")
    return 0


def _open() -> Engine:
    try:
        return open_engine(load_database_url())
    except SettingsError as error:
        sys.exit(str(error))
