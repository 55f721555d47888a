"""What `watch.py secrets` does."""

import sys
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select, update

from features.tenants.command_tools import open_vault
from features.tenants.tables import meta_app, phone_number, tenant_setting
from features.tenants.vault import Place, Vault, VaultError
from services.command_database import in_database
from services.setup import InstallationSetup
from utils.commands import CommandError
from utils.key_ring import new_key


def print_key(setup: InstallationSetup) -> int:
    """Print a new random key."""
    print(new_key())
    print(
        "Put it first into SECRETS_KEYS, before older keys, and keep a copy elsewhere: without it, "
        "nobody can read the stored secrets.",
        file=sys.stderr,
    )
    return 0


def rotate(setup: InstallationSetup) -> int:
    """Encrypt every stored secret with the newest key, all in one transaction."""
    vault = open_vault(setup)
    try:
        count = in_database(setup, lambda c, _: rotate_all(c, vault))
    except VaultError as error:
        raise CommandError(f"Nothing was changed: {error}") from error
    print(f"{count} secrets are encrypted anew. Older keys can go from SECRETS_KEYS now.")
    return 0


def rotate_all(connection: Connection, vault: Vault) -> int:
    """Encrypt all secrets with the newest key; return how many were not. Raise VaultError."""
    return _rotate_numbers(connection, vault) + _rotate_rest(connection, vault)


def _rotate_numbers(connection: Connection, vault: Vault) -> int:
    of, count = phone_number.c, 0
    rows = list(connection.execute(select(of.id, of.tenant, of.token).where(of.token.is_not(None))))
    for id_, tenant, token in rows:
        if not vault.is_newest(token):
            sealed = _again(vault, token, Place(tenant, id_, "token"))
            connection.execute(update(phone_number).where(of.id == id_).values(token=sealed))
            count += 1
    return count


def _rotate_rest(connection: Connection, vault: Vault) -> int:
    count, of = 0, tenant_setting.c
    for tenant, name, content in list(connection.execute(select(of.tenant, of.name, of.content))):
        if not vault.is_newest(content):
            sealed = _again(vault, content, Place(tenant, name, "setting"))
            is_it = (of.tenant == tenant, of.name == name)
            connection.execute(update(tenant_setting).where(*is_it).values(content=sealed))
            count += 1
    fields = {"secret": "secret", "former_secret": "former secret", "verify_token": "verify token"}
    columns = (meta_app.c[name] for name in fields)
    for id_, *stored in list(connection.execute(select(meta_app.c.id, *columns))):
        for (column, field), sealed in zip(fields.items(), stored, strict=True):
            if sealed is not None and not vault.is_newest(sealed):
                again = _again(vault, sealed, Place("", id_, field))
                changed = update(meta_app).where(meta_app.c.id == id_).values({column: again})
                connection.execute(changed)
                count += 1
    return count


def _again(vault: Vault, sealed: str, place: Place) -> str:
    return vault.seal(vault.open(sealed, place).get_secret_value(), place)


ACTIONS: Mapping[str, Callable[[InstallationSetup], int]] = {"new-key": print_key, "rotate": rotate}
