"""What `watch.py numbers` does."""

import asyncio
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from features.tenants.tables import StoredNumber, put_number, remove_number, stored_numbers
from services.clients.cloud_api.errors import WhatsAppError
from services.setup import CommandSetup
from storage.engine.group_commit import Transaction
from utils.commands import CommandError

Answer = TypeVar("Answer")
#: Meta's ids of phone numbers.
_ID = re.compile(r"[0-9]{5,32}")


def add(setup: CommandSetup, options: Namespace) -> int:
    """Store a number that the token may use."""
    if not _ID.fullmatch(options.id):
        raise CommandError(
            "ID: expected Meta's phone number ID, digits only. WhatsApp > API Setup shows it."
        )
    display = "" if options.unchecked else asyncio.run(_display_of(setup, options.id))
    number = StoredNumber(
        options.id,
        display=display,
        label=options.label,
        messages_per_second=options.per_second,
    )
    in_database(setup, lambda c, now: put_number(c, number, now))
    print(f"The bot answers from {_name(number)}.")
    return 0


def list_all(setup: CommandSetup) -> int:
    """Print a line for each number."""
    found = in_database(setup, lambda c, _: stored_numbers(c))
    for one in found:
        speed = f"{one.messages_per_second:g} a second" if one.messages_per_second else ""
        print(
            "  ".join(filter(None, (one.id, one.display and f"+{one.display}", one.label, speed)))
        )
    count = f"{len(found)} more" if found else "No other"
    print(f"{count}; beside the number of the settings (WP_PHONE_ID).")
    return 0


def remove(setup: CommandSetup, id_: str) -> int:
    """Remove a number. Returns 1 if there is none of this id."""
    if not in_database(setup, lambda c, _: remove_number(c, id_)):
        print("There is no number of this ID. `numbers list` shows them.", file=sys.stderr)
        return 1
    print("Removed: what people write to it is kept, and not answered.")
    return 0


def in_database(setup: CommandSetup, do: Callable[[Connection, datetime], Answer]) -> Answer:
    """Return what `do` returns, in a transaction."""

    async def run() -> Answer:
        async with setup.open_database() as database:
            return await database.submit(
                Transaction(lambda c, now: do(c, datetime.fromtimestamp(now, UTC)))
            )

    return asyncio.run(run())


async def _display_of(setup: CommandSetup, id_: str) -> str:
    """Return the number as people see it. Raise CommandError if the token may not use it."""
    async with setup.open_account() as account:
        if id_ == account.api.phone_number_id:
            raise CommandError("This is the number of the settings (WP_PHONE_ID) already.")
        try:
            described = await account.api.describe_number(id_)
        except WhatsAppError as error:
            raise CommandError(
                f"Meta does not let the token use this number: {error}. Give the system user of "
                "the token access to its account, or add it with --unchecked."
            ) from error
    return "".join(filter(str.isdecimal, str(described.get("display_phone_number") or "")))


def _name(number: StoredNumber) -> str:
    shown = f"+{number.display}" if number.display else number.id
    return f"{shown} ({number.label})" if number.label else shown
