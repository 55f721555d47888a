"""Which migrations there are, and which of them a database has.

Without Alembic, which takes a tenth of the time of a start: only `migrate` needs it.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from storage.engine.database import DatabaseError

FOLDER = Path(__file__).parents[1] / "migrations"
#: What a migration says of itself: `revision = "0002"`, `down_revision: str | None = "0001"`.
_DECLARED = re.compile(r"^(revision|down_revision)\b[^=\n]*=(.*)$", re.MULTILINE)
_NAME = re.compile(r"[\"'](\w+)[\"']")
#: The table in which Alembic keeps the revision of a database.
_version = table("alembic_version", column("version_num"))


@cache
def newest_revision() -> str:
    """Return the revision that the migrations lead to."""
    revisions = _revisions()
    last = sorted(revisions.keys() - {one for before in revisions.values() for one in before})
    if len(last) != 1:
        raise DatabaseError(
            f"Several migrations are the last one: {', '.join(last)}. In all but one, name another "
            "as down_revision."
        )
    return last[0]


def is_current(connection: Connection, newest: str) -> bool:
    """Return whether no migration is missing.

    A migration that is newer than this code leaves its processes working until they are replaced.
    """
    found = revision_of(connection)
    return found is not None and (found == newest or is_newer(found))


def revision_of(connection: Connection) -> str | None:
    """Return the migration that a database is at; None before the first."""
    if not inspect(connection).has_table(_version.name):
        return None
    found = sorted(connection.scalars(select(_version.c.version_num)))
    if len(found) > 1:
        raise DatabaseError(
            f"The database is at several revisions ({', '.join(found)}), which none of this bot's "
            "is. Check DATABASE_URL."
        )
    return found[0] if found else None


def is_newer(revision: str) -> bool:
    """Return whether this code has no such migration: a later version made it."""
    return revision not in _revisions()


@cache
def _revisions() -> dict[str, Sequence[str]]:
    """Return all migrations, each with those right before it: two, where branches meet."""
    found: dict[str, Sequence[str]] = {}
    for file in (FOLDER / "versions").glob("*.py"):
        declared = dict(_DECLARED.findall(file.read_text(encoding="utf-8")))
        for name in _NAME.findall(declared.get("revision", "")):
            found[name] = _NAME.findall(declared.get("down_revision", ""))
    return found
