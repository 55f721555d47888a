"""A copy of a server's database takes the place of our tables, whatever they have become since."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import make_url, text
from tests.fakes.tables import change, make_newer, store, stored

from app.cli.backup import restore_from, save
from app.cli.maintenance import migrate
from storage.engine.database import DatabaseError, open_engine
from storage.engine.migrate import alembic_config
from storage.engine.revisions import newest_revision

pytestmark = pytest.mark.usefixtures("programs_of_postgres")

OLD = "0002"


def migrate_to(url: str, revision: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), revision)
        connection.commit()
    engine.dispose()


def scalar(url: str, query: str) -> object:
    engine = open_engine(url)
    with engine.connect() as connection:
        found: object = connection.scalar(text(query))
    engine.dispose()
    return found


def refusal(url: str, copy: Path) -> str:
    with pytest.raises(DatabaseError) as caught:
        restore_from(make_url(url), copy)
    return str(caught.value)


def test_a_copy_from_before_an_upgrade_is_restored_after_it(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate_to(postgres_url, OLD)
    save(make_url(postgres_url), tmp_path / "copy")
    migrate_to(postgres_url, "head")
    # of another program, beside ours
    change(postgres_url, "CREATE TABLE recipe AS SELECT 'soup' AS name")
    change(postgres_url, "INSERT INTO faq_hit VALUES ('rec1', 1, 0, 0)")
    restore_from(make_url(postgres_url), tmp_path / "copy")
    assert scalar(postgres_url, "SELECT version_num FROM alembic_version") == newest_revision()
    assert scalar(postgres_url, "SELECT count(*) FROM faq_hit") == 0
    assert scalar(postgres_url, "SELECT name FROM recipe") == "soup"
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    assert migrate() == 0


async def test_what_an_older_restore_left_behind_is_in_nobodys_way(
    postgres_url: str, tmp_path: Path
) -> None:
    migrate_to(postgres_url, OLD)
    save(make_url(postgres_url), tmp_path / "copy")
    migrate_to(postgres_url, "head")
    change(postgres_url, f"UPDATE alembic_version SET version_num = '{OLD}'")
    restore_from(make_url(postgres_url), tmp_path / "copy")
    await store(postgres_url, "works")
    assert stored(postgres_url) == {"works"}


async def test_a_copy_that_ends_early_changes_nothing(
    postgres_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await store(postgres_url, "before")
    save(make_url(postgres_url), tmp_path / "copy")
    await store(postgres_url, "after")
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(whole[:-20])
    told = refusal(postgres_url, tmp_path / "copy")
    assert told == "pg_restore failed: see above. Nothing was changed."
    assert "pg_restore: error" in capfd.readouterr().err
    assert stored(postgres_url) == {"before", "after"}


async def test_what_hangs_on_our_tables_is_not_dropped_with_them(
    postgres_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await store(postgres_url, "before")
    save(make_url(postgres_url), tmp_path / "copy")
    await store(postgres_url, "after")
    change(postgres_url, "CREATE VIEW report AS SELECT key FROM job")
    told = refusal(postgres_url, tmp_path / "copy")
    assert told == "psql failed: see above. Nothing was changed."
    assert "view report depends on table job" in capfd.readouterr().err
    assert scalar(postgres_url, "SELECT count(*) FROM report") == 2


async def test_the_version_before_does_not_guess_which_newer_tables_are_ours(
    postgres_url: str, tmp_path: Path
) -> None:
    await store(postgres_url, "before")
    save(make_url(postgres_url), tmp_path / "copy")
    make_newer(postgres_url, "CREATE TABLE booking (id INT)")
    told = refusal(postgres_url, tmp_path / "copy")
    assert "Restore with the version that made them, or into an empty database." in told
    assert stored(postgres_url) == {"before"}


OF_SOMETHING_ELSE = {
    "not a database of this bot": ["CREATE TABLE recipe (name TEXT)"],
    "lacks tables": [
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
    ],
}


@pytest.mark.parametrize("reason", OF_SOMETHING_ELSE)
async def test_a_copy_of_something_else_is_refused(
    postgres_url: str, tmp_path: Path, reason: str
) -> None:
    change(postgres_url, *OF_SOMETHING_ELSE[reason])
    save(make_url(postgres_url), tmp_path / "copy")
    change(postgres_url, "DROP TABLE IF EXISTS alembic_version")
    await store(postgres_url, "kept")
    told = refusal(postgres_url, tmp_path / "copy")
    assert reason in told
    assert told.endswith("Nothing was changed.")
    assert stored(postgres_url) == {"kept"}


async def test_a_copy_that_cannot_be_brought_up_to_date_is_told(
    postgres_url: str, tmp_path: Path
) -> None:
    await store(postgres_url, "before")
    change(postgres_url, "UPDATE alembic_version SET version_num = '0003'")
    save(make_url(postgres_url), tmp_path / "copy")
    told = refusal(postgres_url, tmp_path / "copy")
    assert told.startswith(f"{tmp_path / 'copy'} is restored, but not up to date yet. The database")


def test_a_server_that_is_away_is_told(postgres_url: str, tmp_path: Path) -> None:
    migrate_to(postgres_url, OLD)
    save(make_url(postgres_url), tmp_path / "copy")
    away = make_url(postgres_url).set(query={"host": str(tmp_path)})
    with pytest.raises(DatabaseError, match=r"it does not answer.* Nothing was changed\.$"):
        restore_from(away, tmp_path / "copy")


def test_programs_that_are_missing_are_named(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseError, match="pg_dump is not installed"):
        save(make_url(postgres_url), tmp_path / "copy")
