"""Tables that are not what the migrations say stop the start, with a sentence that says so."""

import hashlib
from pathlib import Path

import pytest
from tests.fakes.bot import make_settings
from tests.fakes.every_table import import_every_table
from tests.fakes.tables import change, make_newer

from app.cli.maintenance import migrate
from app.composition.database import usable_engine
from app.doctor.database import migrations
from domain.checks import Result
from storage.engine.actual_tables import IncompleteTables, require_complete
from storage.engine.database import open_engine
from storage.engine.revisions import FOLDER

import_every_table()

#: Migrations that databases have applied, by the beginning of their SHA-256. To change one leaves
#: those databases without the change: write another one instead.
LANDED = {
    "0001_first_tables.py": "f90f5c045e59f365",
    "0002_operators_desk.py": "3c48cd3b6ea4d9d3",
    "0003_broadcasts_and_messages.py": "d39c24bd6de1e4e7",
    "0004_traces.py": "5e7733ea0d18542c",
    "0005_marketing.py": "86f220d0574c94d9",
    "0006_revived_jobs.py": "bad4fa732b4a1ede",
    "0007_merged_people.py": "a3cec83a6d144c1d",
    "0008_used_lanes.py": "a956d6d15b062a53",
    "0009_profiles.py": "4dddf55c9fd38ca7",
    "0010_started_jobs.py": "a95eae5461eb863a",
    "0011_priorities.py": "a2717b9f55ecad5b",
    "0012_seen_people.py": "748d1e250b65e9c3",
    "0013_rate_shares.py": "4884d5c518c42c5a",
    "0014_holders_and_windows.py": "97a9df787b1f8a7d",
    "0015_operators_records.py": "b3d6462aeeaf880d",
    "0016_corrections.py": "61a1d53e080c0c5c",
    "0017_introduced_people.py": "4fc99928f95c30ba",
    "0018_kept_files.py": "fc9cc1d0bb0c337b",
    "0019_tickets_problems.py": "9682598789c02e09",
    "0020_templates.py": "7e1346684b450a0d",
    "0021_notifications.py": "cbe9df13887be9e2",
    "0022_ledger_views.py": "7ba6ec2f64ab86ba",
    "0023_phone_numbers.py": "f105ec5bfa4052b6",
    "0024_files_outside_of_forms.py": "bc9b4f6c99515264",
    "0025_inbox.py": "0c44679aec78d66e",
    "0026_bulk.py": "ca6c78e746aefaf1",
    "0027_callbacks.py": "4599fa688067d5a5",
    "0028_saved_replies.py": "d7daa28f8b2d2f96",
    "0029_tenants.py": "8b1119e8e57523e6",
    "0030_voice_calls.py": "92c954ea421c99e0",
    "0032_check_runs.py": "47b9682faf3b7419",
    "0034_inbox_search.py": "e76bf519656193ca",
    "0035_inbox_cases.py": "603a09a9f7ddcf98",
    "0036_inbox_teams.py": "645c04cae1af79a1",
    "0037_counted_days.py": "959f005b1a9c1f4d",
    "0038_call_talks.py": "5c078eec35c77c45",
    "0039_inbox_filters.py": "89924981e79e4607",
    "0040_signups.py": "da9f9b7b1e06d789",
}

LOST = {
    "lane.pool": ["DROP INDEX ix_lane_ready", "ALTER TABLE lane DROP COLUMN pool"],
    "the index ix_job_todo": ["DROP INDEX ix_job_todo"],
    "the index ix_lane_ready": [
        "DROP INDEX ix_lane_ready",
        "CREATE INDEX ix_lane_ready ON lane (pool, ready_at)",
    ],
    "the table media": ["DROP TABLE media"],
}


@pytest.mark.parametrize("part", LOST)
async def test_tables_that_lack_something_stop_the_start(
    migrated_url: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the doctor and `migrate` say it as well."""
    change(migrated_url, *LOST[part])
    with (
        pytest.raises(IncompleteTables, match=f"lacks {part}.*empty database in DATABASE_URL"),
        usable_engine(make_settings(database_url=migrated_url)),
    ):
        pass
    found = await migrations(migrated_url)
    assert (found.result, f"lacks {part}" in found.said) == (Result.FAIL, True)
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    with pytest.raises(SystemExit, match=f"lacks {part}"):
        migrate()


def test_tables_of_a_later_version_may_be_different(migrated_url: str) -> None:
    """What is complete passes, and so does what a newer migration made of it."""
    engine = open_engine(migrated_url)
    with engine.connect() as connection:
        require_complete(connection)
    make_newer(migrated_url, *LOST["the index ix_lane_ready"])
    with engine.connect() as connection:
        require_complete(connection)
    engine.dispose()


@pytest.mark.parametrize("name", LANDED)
def test_a_landed_migration_is_never_changed(name: str) -> None:
    assert hash_of(FOLDER / "versions" / name) == LANDED[name], "write another migration instead"


def test_no_landed_migration_is_forgotten() -> None:
    found = sorted(file.name for file in (FOLDER / "versions").glob("*.py"))
    assert [name for name in found if name <= max(LANDED)] == sorted(LANDED)


def hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
