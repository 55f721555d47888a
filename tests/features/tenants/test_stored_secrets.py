"""Rotating the keys of stored secrets, and the database of a business."""

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, make_url, text
from tests.features.tenants.mall import (
    FLORIST,
    FLORIST_SECRET,
    KEY,
    Mall,
    body_of,
    change_of,
)

from domain.user import User
from features.tenants.directory import read_directory
from features.tenants.secret_commands import rotate_all
from features.tenants.vault import Vault, VaultError
from features.tenants.views import database_of, schema_of
from jobs.commit import CommitJobs
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade
from storage.tables import users
from utils.key_ring import new_key


async def test_rotation_seals_all_secrets_anew_and_no_bot_notices(mall: Mall) -> None:
    key = new_key()
    both = Vault([SecretStr(key), SecretStr(KEY)])
    bots = dict(mall.bots)
    rotate = Transaction(lambda c, _: rotate_all(c, both))
    assert await mall.database.submit(rotate) == 8  # two tokens, four settings, two of the app
    assert await mall.database.submit(rotate) == 0
    mall.tenants._vault = Vault([SecretStr(key)])  # the old key is gone
    await mall.refresh()
    assert mall.bots == bots
    body = body_of(change_of(FLORIST, "w.1"))
    assert await mall.post(body, app="florist-app", secret=FLORIST_SECRET) == "message"


async def test_a_rotation_that_fails_changes_nothing(mall: Mall) -> None:
    stranger = Vault([SecretStr(new_key())])
    before = await mall.database.submit(Transaction(lambda c, _: read_directory(c)))
    with pytest.raises(VaultError):
        await mall.database.submit(Transaction(lambda c, _: rotate_all(c, stranger)))
    assert await mall.database.submit(Transaction(lambda c, _: read_directory(c))) == before


async def test_no_secret_is_in_the_file_of_the_database(mall: Mall) -> None:
    raw = b"".join(file.read_bytes() for file in mall._folder.glob("bot.db*"))
    for secret in ("bakery-token", "florist-token", FLORIST_SECRET, "America/Bogota", KEY):
        assert secret.encode() not in raw


async def test_a_business_has_a_database_of_its_own(migrated_url: str) -> None:
    """A file beside that of the settings, or a schema: the same person is in both."""
    first = make_url(migrated_url)
    own = database_of(first, "the-bakery")
    assert make_url(own) != first
    if first.get_backend_name() == "postgresql":
        engine = open_engine(migrated_url)
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema_of('the-bakery')}"))
        engine.dispose()
    upgrade(engine := open_engine(own))
    engine.dispose()
    databases = [GroupCommit(open_engine(url)) for url in (migrated_url, own)]
    ana = User("CO.1", "CO.1", "573001234567", "Ana")
    await databases[1].submit(CommitJobs(writes=[users.add(ana)]))

    def count(connection: Connection, _: float) -> int:
        return len(connection.execute(users.user.select()).all())

    assert [await one.submit(Transaction(count)) for one in databases] == [0, 1]
    await databases[0].submit(CommitJobs(writes=[users.add(ana)]))
    assert [await one.submit(Transaction(count)) for one in databases] == [1, 1]
    for one in databases:
        await one.close()
