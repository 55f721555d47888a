"""What `watch.py tenants` does."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import URL, Connection, text

from features.tenants.command_tools import ask_secret, open_vault, seal
from features.tenants.directory import (
    put_app,
    put_number,
    put_setting,
    put_tenant,
    read_directory,
    remove_setting,
    switch_tenant,
)
from features.tenants.file_tenants import FileTenants
from features.tenants.number_commands import describe, read_number, require
from features.tenants.settings import ID, TenantSettings
from features.tenants.tables import StoredApp, StoredSetting, StoredTenant
from features.tenants.vault import Place, VaultError
from features.tenants.views import DERIVED, TenantView, Views, own_access, schema_of
from services.command_database import in_database
from services.setup import InstallationSetup
from utils.commands import CommandError

Answer = TypeVar("Answer")
#: Endings of names whose values are asked for, not taken from the command line.
_SECRET_ENDINGS = ("_KEY", "_KEYS", "_TOKEN", "_SECRET", "_DSN")


def new(setup: InstallationSetup, options: Namespace) -> int:
    """Add a business with its first number, and the place of its database."""
    _require_id(options.id)
    known = in_database(setup, lambda c, _: read_directory(c))
    if any(one.id == options.id for one in known.tenants):
        raise CommandError(
            f"There is a business {options.id} already: `tenants show {options.id}`."
        )
    require(options.app, [one.id for one in known.apps], "app", f"tenants app {options.app}")
    number = read_number(setup, options.number, options.id, options)
    if any(one.id == number.id for one in known.numbers):
        raise CommandError("The number is in use already: `numbers list` says by whom.")
    one = StoredTenant(options.id, options.title or options.id)

    def store(connection: Connection, now: datetime) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema_of(one.id)}"))
        put_tenant(connection, one, now)
        put_number(connection, number, now)

    in_database(setup, store)
    setup.migrate_more()
    print(f"The business {one.title} is there. `tenants set {one.id} NAME` changes a setting.")
    return 0


def list_all(setup: InstallationSetup, options: Namespace) -> int:
    """Print a line for each business."""
    known = in_database(setup, lambda c, _: read_directory(c))
    for one in known.tenants:
        count = sum(number.tenant == one.id for number in known.numbers)
        print(f"{one.id}  {one.title}  {count} numbers{'  disabled' if one.is_disabled else ''}")
    of_file = setup.settings_of(TenantSettings).tenants
    for id_ in of_file:
        print(f"{id_}  in the config file")
    print(f"{len(known.tenants) + len(of_file)} businesses, beside that of the settings.")
    return 0


def show(setup: InstallationSetup, options: Namespace) -> int:
    """Print the numbers and the settings of a business, without its secrets."""
    known = in_database(setup, lambda c, _: read_directory(c))
    require(options.id, [one.id for one in known.tenants], "business", "tenants list")
    for number in known.numbers:
        if number.tenant == options.id:
            print(describe(number))
    for name, value in _views(setup).settings_of(options.id).items():
        print(f"{name}={'[secret]' if name.endswith(_SECRET_ENDINGS) else value}")
    return 0


def switch(setup: InstallationSetup, options: Namespace) -> int:
    """Disable or enable a business. Returns 1 if there is none of this id."""
    is_disabled = options.action == "disable"
    if not in_database(setup, lambda c, _: switch_tenant(c, options.id, is_disabled=is_disabled)):
        print("There is no business of this ID. `tenants list` shows them.", file=sys.stderr)
        return 1
    print("Its bot stops: its messages are dropped." if is_disabled else "Its bot starts.")
    return 0


def set_one(setup: InstallationSetup, options: Namespace) -> int:
    """Change a setting of a business, if its bot starts with it."""
    name = options.name.upper()
    if name in DERIVED:
        raise CommandError(f"{name} follows from the numbers of the business: `numbers add`.")
    if options.value is not None and name.endswith(_SECRET_ENDINGS):
        raise CommandError(f"{name} is a secret: leave it out here, and you are asked for it.")
    value = options.value if options.value is not None else ask_secret(name)
    view = _views(setup).tenant(options.id)
    setup.require_settings({**view.given, name: value})
    stored = StoredSetting(options.id, name, seal(setup, value, Place(options.id, name, "setting")))
    in_database(setup, lambda c, _: put_setting(c, stored))
    print(f"{name} is set. The bot of {options.id} starts again with it.")
    return 0


def unset(setup: InstallationSetup, options: Namespace) -> int:
    """Remove a setting of a business. Returns 1 if it has none of this name."""
    name = options.name.upper()
    if not in_database(setup, lambda c, _: remove_setting(c, options.id, name)):
        print("It has no such setting. `tenants show` lists them.", file=sys.stderr)
        return 1
    print(f"{name} is removed.")
    return 0


def add_app(setup: InstallationSetup, options: Namespace) -> int:
    """Add an app, or replace its secret; the one of before counts until the next replacement."""
    _require_id(options.id)
    secret, token = ask_secret("App secret"), ask_secret("Verify token")
    vault, id_ = open_vault(setup), options.id

    def store(connection: Connection, now: datetime) -> None:
        before = next((one for one in read_directory(connection).apps if one.id == id_), None)
        former = None
        if before is not None:
            old = vault.open(before.secret, Place("", id_, "secret")).get_secret_value()
            former = vault.seal(old, Place("", id_, "former secret"))
        sealed = vault.seal(secret, Place("", id_, "secret"))
        verify = vault.seal(token, Place("", id_, "verify token"))
        put_app(connection, StoredApp(id_, sealed, verify, former), now)

    in_database(setup, store)
    print(f"Callback URL at Meta: https://<your address>/webhook/{id_}")
    return 0


def run(setup: InstallationSetup, options: Namespace) -> int:
    """Run another command with the settings and the database of a business."""
    if not options.command:
        raise CommandError("COMMAND: expected a command, such as: tenants run bakery doctor")
    of_file = setup.settings_of(TenantSettings).tenants
    if options.id not in of_file:
        return setup.run_with(_views(setup).tenant(options.id).given, options.command)
    given, url = setup.given(), asyncio.run(_database_url(setup))
    one = {options.id: of_file[options.id]}
    [view] = FileTenants(one, given, url, own_access(given)).views()
    return setup.run_with(view.given, options.command)


def _views(setup: InstallationSetup) -> "_ToldViews":
    known = in_database(setup, lambda c, _: read_directory(c))
    url, given = asyncio.run(_database_url(setup)), setup.given()
    return _ToldViews(Views(known, open_vault(setup), given, url, own_access(given)))


async def _database_url(setup: InstallationSetup) -> URL:
    async with setup.open_database() as database:
        return database.url


class _ToldViews:
    """Views whose errors are those of commands."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def tenant(self, id_: str) -> TenantView:
        require(id_, [one.id for one in self._views.directory.tenants], "business", "tenants list")
        return _told(lambda: self._views.tenant(id_))

    def settings_of(self, id_: str) -> Mapping[str, str]:
        return _told(lambda: self._views.settings_of(id_))


def _told(read: Callable[[], Answer]) -> Answer:
    try:
        return read()
    except VaultError as error:
        raise CommandError(str(error)) from error


def _require_id(id_: str) -> None:
    if not ID.fullmatch(id_):
        raise CommandError("ID: expected a letter, then letters, digits and dashes, in lower case.")


ACTIONS: Mapping[str, Callable[[InstallationSetup, Namespace], int]] = {
    "new": new,
    "list": list_all,
    "show": show,
    "disable": switch,
    "enable": switch,
    "set": set_one,
    "unset": unset,
    "app": add_app,
    "run": run,
}
