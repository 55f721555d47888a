"""What a start finds in the database, and what it imports."""

import re
from pathlib import Path

from sqlalchemy import insert, select
from tests.fakes.bot import make_settings
from tests.fakes.database_templates import make_file
from tests.fakes.imports import imports_at_once, modules_in

from app.composition.database import open_database
from jobs.tables import lane
from services.sending.outbox import OUTBOX, REDELIVERY_GRACE
from storage.engine.database import open_engine

SOURCE = Path(__file__).parents[2] / "src"
#: Packages that take long to import, and that most starts do not use.
SELDOM_USED = {"alembic", "babel", "openai", "psycopg", "pyairtable", "requests"}


async def test_what_was_being_sent_waits_at_the_next_start_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    file = tmp_path / "bot.db"
    make_file(file)
    held = {"ready_at": 1e12, "owner": "of a process that was killed", "starts": 1}
    with open_engine(f"sqlite:///{file}").begin() as connection:
        for pool in ("in", OUTBOX.name):
            connection.execute(insert(lane).values(name=f"{pool}:1:ana", pool=pool, **held))
    async with open_database(make_settings(database_url=f"sqlite:///{file}")):
        with open_engine(f"sqlite:///{file}").begin() as connection:
            due = dict(connection.execute(select(lane.c.pool, lane.c.ready_at)).all())
            assert set(connection.scalars(select(lane.c.owner))) == {None}
    assert due[OUTBOX.name] == due["in"] + REDELIVERY_GRACE.total_seconds()


def test_a_start_imports_nothing_slow_that_few_bots_use() -> None:
    """Every process pays for it: those of tests and commands, and each restart of a developer."""
    modules = modules_in(SOURCE)
    features = [name for name in modules if re.fullmatch(r"features\.\w+\.feature", name)]
    waiting = ["app.web", "app.worker", *features]
    seen = set(waiting)
    while waiting:
        importing = waiting.pop()
        for name in imports_at_once(modules[importing], modules):
            assert name.partition(".")[0] not in SELDOM_USED, f"{importing} imports {name} at once"
            if name in modules and name not in seen:
                seen.add(name)
                waiting.append(name)
    assert len(seen) > 200
