"""The databases of businesses, for `watch.py migrate`."""

import asyncio
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from features.tenants.directory import read_directory
from features.tenants.settings import TenantSettings
from features.tenants.views import database_of, schema_of
from services.setup import InstallationSetup
from storage.engine.group_commit import Transaction


def database_urls(setup: InstallationSetup) -> Sequence[str]:
    """Return the databases of all businesses. An SQLite file is migrated when its bot starts."""

    async def read() -> Sequence[str]:
        async with setup.open_database() as database:
            if database.url.get_backend_name() == "sqlite":
                return ()
            known = await database.submit(Transaction(lambda c, _: read_directory(c).tenants))
            ids = {*(one.id for one in known), *setup.settings_of(TenantSettings).tenants}
            await database.submit(Transaction(lambda c, _: create_schemas(c, ids)))
            return [database_of(database.url, one) for one in sorted(ids)]

    return asyncio.run(read())


def create_schemas(connection: Connection, ids: Iterable[str]) -> None:
    """Make room for the tables of businesses, where there is none yet."""
    for id_ in ids:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema_of(id_)}"))
