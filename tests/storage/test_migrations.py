"""Migrations lead to exactly the tables that the code works with."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from tests.fakes.every_table import import_every_table
from tests.fakes.tables import change, make_newer

import features
from app.cli.maintenance import migrate
from app.composition.features import find_features
from storage.engine import revisions
from storage.engine.database import DatabaseError, metadata, open_engine
from storage.engine.migrate import LOCK, own_tables, upgrade
from storage.engine.revisions import FOLDER, is_current, newest_revision

import_every_table()

#: Tables that the migrations make for features. Those of a deleted feature stay, unused.
TABLES_OF_FEATURES = {
    "airtable": {"desk", "message", "change_log", "option_place"},
    "assistant": {"spending"},
    "broadcasts": {"broadcast_message"},
    "bulk": {
        *("bulk_share", "bulk_limit", "bulk_contact", "bulk_pause"),
        *("delivery_label", "delivery_count", "delivery_day"),
    },
    "call_assistant": {"call_turn", "call_record"},
    "callbacks": {"callback_endpoint", "callback_event"},
    "calls": {"voice_call", "voice_signal"},
    "checks": {"check_run"},
    "faq": {"faq_hit", "unanswered", "faq_entry"},
    "handoff": {"ticket"},
    "inbox": {
        *("inbox_message", "inbox_thread", "inbox_operator", "inbox_session"),
        *("inbox_audit", "inbox_saved_reply", "inbox_tag", "inbox_mention", "inbox_presence"),
        *("inbox_case", "inbox_scheduled", "inbox_passkey", "inbox_push"),
    },
    "notifications": {
        *("notification", "notification_waiting", "notification_batch", "api_key"),
    },
    "operator_calls": {"call_leg"},
    "outgoing_calls": {"call_permission", "call_wish"},
    "signup": {"signup"},
    "templates": {"template"},
    "tenants": {"phone_number", "tenant", "tenant_setting", "meta_app"},
}
DEFINED = re.compile(r"= Table\(\s*\"(\w+)\"")
#: Columns that only an older version uses, which may still run beside this one.
FORMER_COLUMNS = {("desk", "broadcast_at"), ("desk", "broadcast_id")}
#: Indexes that only PostgreSQL has, over an expression that SQLAlchemy cannot compare.
OF_POSTGRES = {("inbox_message", "ix_inbox_message_words")}
THERE = {feature.name for feature in find_features()}
UNUSED = {
    name for feature, names in TABLES_OF_FEATURES.items() if feature not in THERE for name in names
}


@pytest.mark.parametrize("feature", sorted(THERE))
def test_the_tables_of_a_feature_are_known(feature: str) -> None:
    """So that the migrations of a project without it are compared without its tables."""
    files = (Path(features.__path__[0]) / feature).rglob("*.py")
    defined = {name for file in files for name in DEFINED.findall(file.read_text("utf-8"))}
    assert defined == TABLES_OF_FEATURES.get(feature, set())


def is_used(item: object, *_: object) -> bool:
    """Whether a table, or what is part of one, is not of a deleted feature or a former version."""
    table = getattr(item, "table", item).name  # type: ignore[attr-defined]
    part = (table, getattr(item, "name", ""))
    return table not in UNUSED and part not in FORMER_COLUMNS | OF_POSTGRES


def test_schema_from_migrations_is_the_schema_of_the_tables(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    options = {"compare_server_default": False, "include_object": is_used}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        assert is_current(connection, newest_revision())
    assert own_tables() == {*metadata.tables, *UNUSED, "alembic_version"}
    engine.dispose()


def test_a_database_without_tables_is_not_current(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert not is_current(connection, newest_revision())
    engine.dispose()


def test_the_newest_migration_is_the_one_that_alembic_goes_to() -> None:
    assert newest_revision() == ScriptDirectory(str(FOLDER)).get_current_head()


def test_two_migrations_that_both_come_last_are_told_and_may_be_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(name: str, before: str) -> None:
        text = f'revision = "{name}"\ndown_revision: str | None = {before}\n'
        (tmp_path / "versions" / f"{name}.py").write_text(text)

    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(revisions, "FOLDER", tmp_path)
    write("a1", "None")
    write("b2", '"a1"')
    write("c2", "'a1'")
    find = revisions.newest_revision.__wrapped__
    monkeypatch.setattr(revisions, "_revisions", revisions._revisions.__wrapped__)
    with pytest.raises(DatabaseError, match="Several migrations are the last one: b2, c2"):
        find()
    write("d3", '("b2", "c2")')
    assert find() == "d3"


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    assert upgrade(engine) == newest_revision()
    assert upgrade(engine) == newest_revision()
    engine.dispose()


def test_whoever_migrates_waits_for_another_who_does(postgres_url: str) -> None:
    """As replicas that start together."""
    engine = open_engine(postgres_url)
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as threads, engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        migration = threads.submit(upgrade, engine)
        while not (waits := other.scalar(waiting)) and not migration.done():
            pass
        other.rollback()
        assert waits == 1, "it migrated beside another"
        assert migration.result() == newest_revision()
    engine.dispose()


def test_newer_tables_are_left_as_they_are(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert migrate() == 0
    make_newer(database_url, "ALTER TABLE job ADD COLUMN later TEXT", "CREATE TABLE later (a INT)")
    assert migrate() == 0
    assert capsys.readouterr().out == (
        "The tables are up to date.\n"
        "The tables are newer than this version (9999), which goes on with them.\n"
    )
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert is_current(connection, newest_revision())
        assert connection.execute(text("SELECT later FROM job")).all() == []
    engine.dispose()


OF_SOMETHING_ELSE = {
    "has no table": "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
    "several revisions": "INSERT INTO alembic_version VALUES ('ae1027a6acf'), ('1975ea83b712')",
}


@pytest.mark.parametrize("told", OF_SOMETHING_ELSE)
def test_a_database_of_something_else_is_told_in_a_sentence(
    database_url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "CREATE TABLE alembic_version (version_num TEXT)"
    change(database_url, table, OF_SOMETHING_ELSE[told])
    monkeypatch.setenv("DATABASE_URL", database_url)
    with pytest.raises(SystemExit, match=told):
        migrate()
    engine = open_engine(database_url)
    with pytest.raises(DatabaseError, match="Check DATABASE_URL"):
        upgrade(engine)
    engine.dispose()
