"""The controllers that requests use, over a running database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.composition.bot import Bot
from app.composition.health import make_health
from controllers.health_controller import KEEP, HealthController
from controllers.load import Load
from controllers.webhook_controller import WebhookController
from controllers.webhook_store import WebhookStore
from services.sending.proofs import Proofs
from storage.people.identities import Identities
from storage.tables.deliveries import report
from utils.metrics import Metrics
from utils.monitor_access import MonitorAccess


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
    store = WebhookStore(
        bot.parts.queue,
        Identities(database),
        numbers=bot.parts.cloud_api.numbers,
        metrics=bot.parts.metrics,
        reporters=(
            report,
            Proofs(bot.parts.clock).statuses_reported,
            *(observer.statuses_reported for observer in observers),
        ),
        follow=bot.parts.context.extensions.reported,
        readers=bot.parts.context.extensions.readers,
    )
    webhooks = WebhookController(
        store,
        verify_token=settings.webhook_verify_token.get_secret_value(),
        app_secret=secret.get_secret_value() if secret else None,
        metrics=bot.parts.metrics,
        load=load,
    )
    health = make_health(bot, keep_health)
    token = settings.metrics_token
    access = MonitorAccess(token.get_secret_value() if token else None)
    added = {name: one for feature in bot.features for name, one in feature.request_state().items()}
    return AppState(webhooks, health, access, bot.parts.metrics, added)
