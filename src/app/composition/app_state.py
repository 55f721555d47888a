"""The controllers that requests use, over a running database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.composition.bot import Bot
from controllers.health_controller import Backlog, HealthController
from controllers.webhook_controller import WebhookController
from jobs.maintenance import count_jobs, count_unserved, lag
from jobs.model import JobState
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import is_current, newest_revision
from storage.engine.wal import wal_bytes
from storage.people.identities import Identities
from storage.tables.deliveries import report
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class AppState:
    """The parts that requests use; built once per process."""

    webhooks: WebhookController
    health: HealthController
    metrics: Metrics
    #: What the routes of features use, by name.
    of_features: Mapping[str, object] = field(default_factory=dict)

    def by_name(self) -> Mapping[str, Any]:
        """Return what a request finds in `request.state`."""
        core = {"webhooks": self.webhooks, "health": self.health, "metrics": self.metrics}
        return {**self.of_features, **core}


def make_state(bot: Bot) -> AppState:
    """Return the controllers, over a running database."""
    settings, database, pools = bot.settings, bot.parts.database, bot.pools
    observers = bot.parts.context.extensions.observers
    secret = settings.whatsapp_app_secret
    webhooks = WebhookController(
        bot.parts.queue,
        Identities(database),
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=bot.parts.metrics,
        reporters=(report, *(observer.statuses_reported for observer in observers)),
    )
    health = HealthController(
        lambda: _backlog(database, pools),
        partial(_is_migrated, database, newest_revision()),
        partial(_feature_health, bot),
        bot.parts.metrics,
        partial(wal_bytes, database.url),
    )
    added = {name: one for feature in bot.features for name, one in feature.request_state().items()}
    return AppState(webhooks, health, bot.parts.metrics, added)


async def _backlog(database: GroupCommit, pools: Sequence[str]) -> Backlog:
    return await database.submit(
        Transaction(
            lambda connection, now: Backlog(
                todo=count_jobs(connection, JobState.TODO),
                dead=count_jobs(connection, JobState.DEAD),
                lag=lag(connection, now, pools=pools),
                unserved=count_unserved(connection, now, pools=pools),
            )
        )
    )


async def _is_migrated(database: GroupCommit, newest: str) -> bool:
    return await database.submit(Transaction(lambda connection, _: is_current(connection, newest)))


async def _feature_health(bot: Bot) -> Mapping[str, str]:
    lines: dict[str, str] = {}
    for feature in bot.features:
        lines |= await feature.health()
    return lines
