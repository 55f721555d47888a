"""What is in a database's tables, past all code that puts it there for people."""

from sqlalchemy import select, text

from jobs.job_queue import JobQueue
from jobs.model import NewJob
from jobs.tables import job
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade

NEWER = "9999"  # a migration of a version to come


async def store(url: str, *names: str) -> None:
    """Jobs of these names, in tables that are made if there are none."""
    engine = open_engine(url)
    upgrade(engine)
    database = GroupCommit(engine)
    await JobQueue(database).enqueue(
        [NewJob("in:1:ana", "message", name, key=name) for name in names]
    )
    await database.close()


def stored(url: str) -> set[str]:
    """The names of the jobs."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = set(connection.scalars(select(job.c.key)))
    engine.dispose()
    return found


def change(url: str, *statements: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def make_newer(url: str, *statements: str) -> None:
    """As a later version's migration does, whose statements these are."""
    change(url, f"UPDATE alembic_version SET version_num = '{NEWER}'", *statements)
