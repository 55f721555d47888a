"""The controllers that requests use, over a running database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.composition.bot import Bot
from controllers.health_controller import KEEP, Backlog, HealthController, Look
from controllers.load import Load
from controllers.webhook_controller import WebhookController
from jobs.maintenance import count_jobs, count_unserved, lag
from jobs.model import JobState
from jobs.unreadable import count_unreadable
from storage.engine.durability import describe_durability
from storage.engine.group_commit import Probe
from storage.engine.migrate import is_current, newest_revision
from storage.engine.wal import wal_bytes
from storage.people.identities import Identities
from storage.tables.deliveries import report
from utils.metrics import Metrics
from utils.monitor_access import MonitorAccess

#: Most jobs that health checks and metrics count: counting all holds up the jobs themselves.
MAX_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that requests use; built once per process."""

    webhooks: WebhookController
    health: HealthController
    #: Who may see metrics and the details of health.
    monitors: MonitorAccess
    metrics: Metrics
    #: What the routes of features use, by name.
    of_features: Mapping[str, object] = field(default_factory=dict)

    def by_name(self) -> Mapping[str, Any]:
        """Return what a request finds in `request.state`."""
        return {
            **self.of_features,
            "webhooks": self.webhooks,
            "health": self.health,
            "monitors": self.monitors,
            "metrics": self.metrics,
        }


def make_state(bot: Bot, *, load: Load | None = None, keep_health: timedelta = KEEP) -> AppState:
    """Return the controllers, over a running database."""
    settings, database = bot.settings, bot.parts.database
    observers = bot.parts.context.extensions.observers
    secret = settings.whatsapp_app_secret
    webhooks = WebhookController(
        bot.parts.queue,
        Identities(database),
        phone_number_id=settings.wp_phone_id,
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=bot.parts.metrics,
        load=load,
        reporters=(report, *(observer.statuses_reported for observer in observers)),
    )
    health = HealthController(
        partial(_look, bot, newest_revision()),
        bot.parts.metrics,
        partial(wal_bytes, database.url),
        runs_jobs=settings.role != "web",
        keep=keep_health,
    )
    token = settings.metrics_token
    access = MonitorAccess(token.get_secret_value() if token else None)
    added = {name: one for feature in bot.features for name, one in feature.request_state().items()}
    return AppState(webhooks, health, access, bot.parts.metrics, added)


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
