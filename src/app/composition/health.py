"""What health checks and metrics look at: the database, and what features say of themselves."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from app.composition.bot import Bot
from controllers.health_controller import Backlog, HealthController, Look
from jobs.maintenance import count_jobs, count_unserved, lag
from jobs.model import JobState
from jobs.unreadable import count_unreadable
from storage.engine.durability import describe_durability
from storage.engine.group_commit import Probe
from storage.engine.revisions import is_current, newest_revision
from storage.engine.wal import wal_bytes

#: Most jobs that health checks and metrics count: counting all holds up the jobs themselves.
MAX_COUNTED = 100_000


def make_health(bot: Bot, keep: timedelta) -> HealthController:
    """Return the controller of a process; it keeps its answers for a while."""
    return HealthController(
        partial(_look, bot, newest_revision()),
        bot.parts.metrics,
        partial(wal_bytes, bot.parts.database.url),
        runs_jobs=bot.settings.role != "web",
        keep=keep,
    )


async def _look(bot: Bot, newest: str) -> Look:
    """Look at the database: whether it can be written, and what it says without a lock."""
    database, pools = bot.parts.database, bot.pools
    await database.submit(Probe())
    open_erasures = sum([await feature.open_erasures() for feature in bot.features])

    def read(connection: Connection, now: float) -> tuple[Backlog, bool]:
        backlog = Backlog(
            todo=count_jobs(connection, JobState.TODO, most=MAX_COUNTED),
            dead=count_jobs(connection, JobState.DEAD, most=MAX_COUNTED),
            lag=lag(connection, now, pools=pools),
            unserved=count_unserved(connection, now, pools=pools),
            unreadable=count_unreadable(connection),
            durability=describe_durability(connection),
            open_erasures=open_erasures,
        )
        return backlog, is_current(connection, newest)

    backlog, is_migrated = await database.reader.run(read)
    return Look(backlog, is_migrated, await _feature_health(bot))


async def _feature_health(bot: Bot) -> Mapping[str, str]:
    lines: dict[str, str] = {}
    for feature in bot.features:
        lines |= await feature.health()
    return lines
