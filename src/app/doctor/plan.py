"""All checks of an installation, in the order in which they are printed."""

import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import httpx

from app.composition.cloud_apis import make_cloud_api
from app.composition.features import find_features
from app.development.plan import EVERY_ADDRESS, LOOPBACK
from app.doctor import account, database, machine, settings_checks
from app.doctor.account_queries import AccountQueries
from app.doctor.callback import callback
from app.doctor.definitions import definitions
from app.doctor.installation import Installation
from config.env import Settings
from domain.checks import Check, Finding, skip
from storage.engine.database import OLDEST_SQLITE
from storage.engine.reading import file_of


def all_checks(installation: Installation, http: httpx.AsyncClient) -> Iterator[Check]:
    """Yield every check; those that need settings are left out when the settings are wrong."""
    settings = installation.settings
    yield Check("python", partial(machine.python_version, sys.version_info[:3]))
    language = settings.default_language if settings is not None else None
    yield Check("flows", partial(definitions, language))
    yield from _settings(installation)
    if settings is not None:
        yield from _machine(settings, http, is_port_fixed=installation.is_port_fixed)
    if installation.database_url is not None:
        yield from _database(installation.database_url)
    if settings is None:
        yield Check("live", _after_the_settings, is_live=True)
    elif installation.has_account:
        yield from _account(installation, settings, http)
    for feature in find_features():
        yield from _checks_of(feature.name, installation)


def _checks_of(feature: str, installation: Installation) -> Iterator[Check]:
    """Yield the checks of a feature: `checks(setup)` in `features/<name>/doctor.py`."""
    module = f"features.{feature}.doctor"
    if find_spec(module):
        yield from import_module(module).checks(installation)


def offline_checks(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield the checks that ask no other computer."""
    return (check for check in checks if not check.is_live)


def with_needed(checks: Iterable[Check], name: str) -> list[Check]:
    """Return the check of this name, after those that it needs."""
    by_name = {check.name: check for check in checks}
    wanted, open_names = set[str](), [name]
    while open_names:
        found = by_name.get(open_names.pop())
        if found is not None and found.name not in wanted:
            wanted.add(found.name)
            open_names += found.needs
    return [check for check in by_name.values() if check.name in wanted]


def _settings(installation: Installation) -> Iterator[Check]:
    settings = installation.settings
    today = datetime.now(UTC).date()
    warnings = list(settings.warnings(today=today)) if settings else []
    check = partial(
        settings_checks.settings,
        installation.problems,
        warnings,
        emulator_url=installation.emulator_url,
        has_account=installation.has_account,
    )
    yield Check("settings", check)
    if settings is not None and not installation.has_account:
        yield Check("account", settings_checks.no_account)


def _machine(
    settings: Settings, http: httpx.AsyncClient, *, is_port_fixed: bool
) -> Iterator[Check]:
    if settings.role in ("all", "web"):
        host = settings.host
        local = LOOPBACK if host in EVERY_ADDRESS else host
        check = partial(machine.port, http, host, settings.port, local=local)
        yield Check("port", partial(check, is_fixed=is_port_fixed))


def _database(url: str) -> Iterator[Check]:
    file = file_of(url)
    if file is not None:
        version = sqlite3.sqlite_version_info
        yield Check("sqlite", partial(machine.sqlite_version, version, oldest=OLDEST_SQLITE))
    yield Check("database", partial(database.reachable, url))
    yield Check("migrations", partial(database.migrations, url), needs=("database",))
    if file is not None:
        folder = file.absolute().parent
        yield Check("disk", partial(database.disk_space, folder), needs=("database",))
    else:
        check = partial(database.clock, url, now=time.time)
        yield Check("database clock", check, needs=("database",))
        yield Check("durability", partial(database.durability, url), needs=("database",))
    yield Check("dead letters", partial(database.dead_letters, url), needs=("migrations",))


def _account(
    installation: Installation, settings: Settings, http: httpx.AsyncClient
) -> Iterator[Check]:
    """Yield the checks of the account at Meta, or of the emulator's."""
    is_emulated = installation.emulator_url is not None
    secret = None if is_emulated else settings.whatsapp_app_secret
    meta = make_cloud_api(AccountQueries, settings, http)
    verify_token = settings.webhook_verify_token.get_secret_value()
    app_secret = secret.get_secret_value() if secret else None
    account_id = settings.wp_bid
    yield Check("clock", partial(account.clock, meta, now=_now), is_live=True)
    yield Check("token", partial(account.access_token, meta, now=_now()), is_live=True)
    for name, check in {
        "app secret": partial(account.app_secret, meta, secret=app_secret),
        "phone number": partial(account.phone_number, meta),
        "subscription": partial(account.subscription, meta, account_id=account_id),
        "templates": partial(account.templates, meta, account_id=account_id),
    }.items():
        yield Check(name, check, needs=("token",), is_live=True)
    if (template := settings.outside_window_template) is not None:
        check = partial(account.window_template, meta, account_id=account_id, template=template)
        yield Check("window template", check, needs=("token",), is_live=True)
    handshake = partial(callback, meta, http, verify_token=verify_token)
    yield Check("callback", handshake, needs=("token", "phone number"), is_live=True)


async def _after_the_settings() -> Finding:
    return skip("waits for: settings")


def _now() -> datetime:
    return datetime.now(UTC)
