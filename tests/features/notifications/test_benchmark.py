"""The benchmark runs: what it knows of tables, triggers and answers is still so."""

from sqlalchemy import make_url
from tests.benchmarks.serving import sqlite_file
from tests.features.notifications.benchmark import (
    DAYS,
    MANY_DAYS,
    _accepted,
    _counted,
    _serving,
)


def test_statistics_are_measured_and_so_is_what_counting_costs(database_url: str) -> None:
    kind = "SQLite" if make_url(database_url).drivername == "sqlite" else "PostgreSQL"
    stored, *asked, cost = _counted(database_url, kind, 200, DAYS, MANY_DAYS)
    assert stored.note.startswith("stored in")
    assert [one.p50 is not None for one in asked] == [True] * len(MANY_DAYS)
    assert cost.ratio is not None


def test_batches_are_accepted_and_measured() -> None:
    with sqlite_file() as url, _serving(url) as (bot, _):
        accepted, waited = _accepted(bot, 1)
    assert accepted.p50 is not None
    assert waited.p50 is not None
