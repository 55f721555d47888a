"""What `watch.py notifications keys` does."""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from features.notifications import api_keys
from features.notifications.api_keys import Scope, StoredKey
from services.command_database import in_database
from services.setup import CommandSetup
from utils.commands import CommandError

#: Longest life of a key: a hundred years.
MAX_DAYS = 36_500


def create(setup: CommandSetup, name: str, scopes: Sequence[str] | None, days: int | None) -> int:
    """Print a new key."""
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise CommandError(f"--days: expected 1 to {MAX_DAYS:,}.")
    chosen = [Scope(one) for one in scopes or Scope]

    def store(connection: Connection, now: datetime) -> str:
        expires_at = None if days is None else now + timedelta(days=days)
        return api_keys.create(connection, name, chosen, now, expires_at=expires_at)

    print(in_database(setup, store))
    print("Keep it now: nobody can read it again.", file=sys.stderr)
    return 0


def list_all(setup: CommandSetup) -> int:
    """Print a line for each key."""
    found, now = in_database(setup, lambda c, now: (api_keys.every_key(c), now))
    for one in found:
        print(_line(one, now))
    print(f"{len(found)} keys." if found else "No keys.")
    return 0


def revoke(setup: CommandSetup, id_: str) -> int:
    """Make a key useless. Returns 1 if there is none of this id."""
    if not in_database(setup, lambda c, now: api_keys.revoke(c, id_, now)):
        print("There is no key of this id that is in use.", file=sys.stderr)
        return 1
    print("The key is revoked.")
    return 0


def _line(key: StoredKey, now: datetime) -> str:
    ends = f"until {_day(key.expires_at)}" if key.expires_at else "no end"
    state = "revoked" if key.revoked_at else ends if key.is_valid(now) else "expired"
    used = f"used {_day(key.used_at)}" if key.used_at else "never used"
    return f"{key.id}  {key.name}  {key.scopes}  {state}  {used}"


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
