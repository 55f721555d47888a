"""The databases of businesses, for `watch.py migrate`."""

import asyncio
from collections.abc import Sequence

from features.tenants.directory import read_directory
from features.tenants.views import database_of
from services.setup import InstallationSetup
from storage.engine.group_commit import Transaction


def database_urls(setup: InstallationSetup) -> Sequence[str]:
    """Return the databases of all businesses. An SQLite file is migrated when its bot starts."""

    async def read() -> Sequence[str]:
        async with setup.open_database() as database:
            if database.url.get_backend_name() == "sqlite":
                return ()
            known = await database.submit(Transaction(lambda c, _: read_directory(c).tenants))
            return [database_of(database.url, one.id) for one in known]

    return asyncio.run(read())
