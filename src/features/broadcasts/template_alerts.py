"""Templates that Meta pauses, rejects or rates low: operators hear of it at once.

A paused template silently stops every broadcast that uses it. Sources: the webhook references
message_template_status_update, message_template_quality_update and template_category_update.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loguru import logger

from services.conversations.extensions import Extensions
from services.conversations.webhook_events import EventDecisions, EventHandler, WebhookEvent
from utils.metrics import Metrics

STATUS, QUALITY = "message_template_status_update", "message_template_quality_update"
CATEGORY = "template_category_update"
#: Events of a template that stop it from being sent, or will.
BAD_EVENTS = frozenset({"REJECTED", "PAUSED", "DISABLED", "FLAGGED", "LOCKED", "LIMIT_EXCEEDED"})
BAD_QUALITIES = frozenset({"YELLOW", "RED"})


@dataclass(frozen=True, slots=True)
class TemplateAlerts:
    """Handles the webhooks about templates."""

    extensions: Extensions
    metrics: Metrics

    def events(self) -> Mapping[str, EventHandler]:
        """Return the handlers by field."""
        return dict.fromkeys((STATUS, QUALITY, CATEGORY), self.handle)

    async def handle(self, event: WebhookEvent) -> EventDecisions:
        """Tell the log, the metrics and the operators' chat what is wrong with a template."""
        value = event.value if isinstance(event.value, dict) else {}
        problem = problem_of(event.field, value)
        if problem is None:
            return EventDecisions()
        name = value.get("message_template_name")
        text = f"Template {name} ({value.get('message_template_language')}): {problem}"
        logger.warning("{}", text)
        self.metrics.template_problems.inc()
        return EventDecisions(jobs=self.extensions.alert(text, event.key))


def problem_of(field: str, value: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the template of a webhook; None if nothing is."""
    if field == CATEGORY:
        return f"Meta changed its category to {value.get('new_category')}, which changes its price."
    if field == QUALITY:
        quality = value.get("new_quality_score")
        return (
            f"people block or report it: its quality is {quality}."
            if quality in BAD_QUALITIES
            else None
        )
    event = value.get("event")
    if event not in BAD_EVENTS:
        return None
    reason = value.get("reason")
    because = f" ({reason})" if reason not in (None, "NONE") else ""
    return f"Meta says {event}{because}. It may not be sent any more."
