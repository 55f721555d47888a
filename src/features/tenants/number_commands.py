"""What `watch.py numbers` does."""

import asyncio
import re
import sys
from argparse import Namespace

from features.tenants.command_tools import ask_secret, seal
from features.tenants.directory import put_number, read_directory, remove_number
from features.tenants.tables import StoredNumber
from features.tenants.vault import Place
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import WhatsAppError
from services.command_database import in_database
from services.setup import InstallationSetup
from utils.commands import CommandError

#: Meta's ids of phone numbers.
_ID = re.compile(r"[0-9]{5,32}")


def add(setup: InstallationSetup, options: Namespace) -> int:
    """Store a number that its token may use."""
    known = in_database(setup, lambda c, _: read_directory(c))
    require(options.tenant, [one.id for one in known.tenants], "business", "tenants list")
    number = read_number(setup, options.id, options.tenant, options)
    require(number.app, [one.id for one in known.apps], "app", f"tenants app {number.app}")
    in_database(setup, lambda c, now: put_number(c, number, now))
    print(f"The bot answers from {name_of(number)}.")
    return 0


def list_all(setup: InstallationSetup) -> int:
    """Print a line for each number."""
    found = in_database(setup, lambda c, _: read_directory(c).numbers)
    for one in found:
        print(describe(one))
    count = f"{len(found)} more" if found else "No other"
    print(f"{count}; beside the number of the settings (WP_PHONE_ID).")
    return 0


def remove(setup: InstallationSetup, id_: str) -> int:
    """Remove a number. Returns 1 if there is none of this id."""
    if not in_database(setup, lambda c, _: remove_number(c, id_)):
        print("There is no number of this ID. `numbers list` shows them.", file=sys.stderr)
        return 1
    print("Removed: what people write to it is kept, and not answered.")
    return 0


def read_number(
    setup: InstallationSetup, id_: str, tenant: str, options: Namespace
) -> StoredNumber:
    """Return what is to be stored of a number. Raise CommandError."""
    if not _ID.fullmatch(id_):
        raise CommandError(
            "ID: expected Meta's phone number ID, digits only. WhatsApp > API Setup shows it."
        )
    token = ask_secret("Access token") if options.token else None
    return StoredNumber(
        id_,
        tenant,
        options.app,
        options.account,
        display="" if options.unchecked else asyncio.run(_display_of(setup, id_, token)),
        label=options.label,
        token=None if token is None else seal(setup, token, Place(tenant, id_, "token")),
        messages_per_second=options.per_second,
    )


def require(id_: str, known: list[str], what: str, command: str) -> None:
    """Raise CommandError for an id that is not known; none stands for that of the settings."""
    if id_ and id_ not in known:
        raise CommandError(f"There is no {what} {id_}: `python3 watch.py {command}`.")


def describe(number: StoredNumber) -> str:
    """Return a line about a number, without its token."""
    parts = (
        number.id,
        number.display and f"+{number.display}",
        number.label,
        number.tenant and f"of {number.tenant}",
        number.app and f"app {number.app}",
        number.account_id and f"account {number.account_id}",
        "own token" if number.token else "token of the settings",
        f"{number.messages_per_second:g} a second" if number.messages_per_second else "",
    )
    return "  ".join(filter(None, parts))


def name_of(number: StoredNumber) -> str:
    """Return what people call a number."""
    shown = f"+{number.display}" if number.display else number.id
    return f"{shown} ({number.label})" if number.label else shown


async def _display_of(setup: InstallationSetup, id_: str, token: str | None) -> str:
    """Return the number as people see it. Raise CommandError if the token may not use it."""
    async with setup.open_account() as account:
        api = account.api
        if id_ == api.phone_number_id and token is None:
            raise CommandError("This is the number of the settings (WP_PHONE_ID) already.")
        if token is not None:
            api = CloudApi(api.http, token=token, phone_number_id=id_, base_url=api.base_url)
        try:
            described = await api.describe_number(id_)
        except WhatsAppError as error:
            raise CommandError(
                f"Meta does not let the token use this number: {error}. Give the system user of "
                "the token access to its account, or add it with --unchecked."
            ) from error
    return "".join(filter(str.isdecimal, str(described.get("display_phone_number") or "")))
