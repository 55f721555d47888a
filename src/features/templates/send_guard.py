"""A message with a template that Meta has stopped since it was queued is not sent."""

from collections.abc import Callable
from datetime import datetime

from features.templates.model import DISABLED, PAUSED, Template
from features.templates.registry import TemplateRegistry
from jobs.model import Job
from services.sending.outbox import SendJob

#: Statuses of a template that may be sent again later.
ON_HOLD = frozenset({PAUSED, "REJECTED", "PENDING", "IN_APPEAL"})


def is_on_hold(template: Template, now: datetime) -> bool:
    """Return whether a template may not be sent now, and may be later."""
    is_over = template.paused_until is not None and template.paused_until <= now
    return template.status in ON_HOLD and not (template.status == PAUSED and is_over)


class TemplateGuard:
    """Looks a template up right before it is sent. What the registry does not know may go."""

    def __init__(self, registry: TemplateRegistry, clock: Callable[[], datetime]) -> None:
        self._registry = registry
        self._clock = clock

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return why a template is not to be sent; None if it is, and for all other messages."""
        if body.message is None or body.message["type"] != "template":
            return None
        given = body.message["template"]
        found = await self._registry.find(given["name"], given["language"]["code"])
        if found is None or found.status not in (PAUSED, DISABLED):
            return None
        if found.paused_until is not None and found.paused_until <= self._clock():
            return None  # Meta decides whether the pause is over
        until = f" until {found.paused_until:%Y-%m-%d %H:%M} UTC" if found.paused_until else ""
        return f"Meta says {found.status} of the template {found.name}{until}"
