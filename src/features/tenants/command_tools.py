"""What the commands of this feature share."""

import getpass
import sys

from features.tenants.settings import TenantSettings
from features.tenants.vault import Place, Vault, VaultError
from services.setup import CommandSetup
from utils.commands import CommandError


def open_vault(setup: CommandSetup) -> Vault:
    """Return the vault of the settings. Raise CommandError without what it needs."""
    try:
        return Vault(setup.settings_of(TenantSettings).secrets_keys)
    except VaultError as error:
        raise CommandError(str(error)) from error


def seal(setup: CommandSetup, secret: str, place: Place) -> str:
    """Return a secret as it is stored. Raise CommandError without a key."""
    try:
        return open_vault(setup).seal(secret, place)
    except VaultError as error:
        raise CommandError(str(error)) from error


def ask_secret(what: str) -> str:
    """Return a secret that is typed, or comes by standard input; raise CommandError if empty.

    It is no argument of the command: other users of the machine could see it.
    """
    is_terminal = sys.stdin.isatty()
    secret = (getpass.getpass(f"{what}: ") if is_terminal else sys.stdin.readline()).strip()
    if not secret:
        raise CommandError(f"{what}: nothing was given.")
    return secret
