"""Commands of the people who run the bot: migrations and dead letters."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine

from app.composition.database import readable_database_errors
from config.env import SettingsError, load_database_url
from jobs.maintenance import dead_letters as newest_dead_letters
from jobs.maintenance import retry_dead_letters
from storage.engine.database import DatabaseError, database_time, open_engine
from storage.engine.migrate import is_newer, upgrade


def migrate() -> int:
    with _engine() as engine:
        found = upgrade(engine)
    if is_newer(found):
        print(f"The tables are newer than this version ({found}), which goes on with them.")
    else:
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
    with _engine() as engine, engine.begin() as connection:
        letters = newest_dead_letters(connection)
    for letter in letters:
        print(f"{letter.id}  {letter.kind}  {letter.tries} attempts  {letter.error}")
    print(f"{len(letters)} dead letters" if letters else "No dead letters.")
    return 0


def _retry(ids: Sequence[int] | None) -> int:
    with _engine() as engine, engine.begin() as connection:
        count = retry_dead_letters(connection, database_time(connection), ids=ids)
    if ids and not count:
        print("There is no such dead letter: see watch.py dead-letters.", file=sys.stderr)
        return 1
    print(f"{count} jobs will run again.")
    return 0


@contextmanager
def _engine() -> Iterator[Engine]:
    """What is wrong with the settings or the database ends the program with a sentence."""
    try:
        engine = open_engine(load_database_url())
        try:
            with readable_database_errors(engine):
                yield engine
        finally:
            engine.dispose()
    except (SettingsError, DatabaseError) as error:
        sys.exit(str(error))
