"""What `watch.py operators` does."""

import sys
from datetime import datetime

from sqlalchemy import Connection

from features.inbox import operators
from features.inbox.operators import MAX_NAME_CHARS, Role
from services.command_database import in_database
from services.setup import CommandSetup
from utils.commands import CommandError

#: Where `watch.py` serves the bot unless settings say otherwise.
LOCAL_URL = "http://127.0.0.1:5000"


def add(setup: CommandSetup, name: str, role: str | None, url: str | None) -> int:
    """Print a link for an operator; one who is there already gets a new link."""
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME_CHARS:
        raise CommandError(f"NAME: expected a name of up to {MAX_NAME_CHARS} characters.")

    def invite(connection: Connection, now: datetime) -> str:
        known = operators.named(connection, name)
        if known is not None and role not in (None, known.role):
            raise CommandError(f"{name} is there already, as {known.role}. Revoke them first.")
        invited = known or operators.add(connection, name, Role(role or Role.AGENT), now)
        return operators.invite(connection, invited, now)

    secret = in_database(setup, invite)
    print(f"{(url or LOCAL_URL).rstrip('/')}/inbox/sign-in#{secret}")
    print("The link works once, within a day. Send it to nobody else.", file=sys.stderr)
    return 0


def list_all(setup: CommandSetup) -> int:
    """Print a line for each operator."""
    found = in_database(setup, lambda c, _: operators.all_operators(c))
    for one in found:
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "in use"
        print(f"{one.name}  {one.role}  since {one.created_at:%Y-%m-%d}  {state}")
    print(f"{len(found)} operators." if found else "No operators.")
    return 0


def revoke(setup: CommandSetup, name: str) -> int:
    """End all sessions of an operator. Returns 1 if there is none of this name."""

    def end(connection: Connection, now: datetime) -> bool:
        known = operators.named(connection, name)
        if known is not None:
            operators.revoke(connection, known, now)
        return known is not None

    if not in_database(setup, end):
        print("There is no operator of this name.", file=sys.stderr)
        return 1
    print(f"{name} is signed out, and their links work no more.")
    return 0
