"""Webhooks about templates: the registry knows within a second, and so do operators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from features.templates import tables
from features.templates.jobs import READ_AT, lane_state, sync_job, tell
from features.templates.model import Template
from features.templates.reading import FIELDS, after_event
from features.templates.registry import TemplateRegistry
from services.conversations.extensions import Extensions
from services.conversations.webhook_events import EventDecisions, EventHandler, WebhookEvent
from utils.metrics import Metrics

#: Longest difference between Meta's clock and ours that is put up with.
CLOCK_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TemplateEvents:
    """Handles those webhooks."""

    registry: TemplateRegistry
    extensions: Extensions
    metrics: Metrics
    clock: Callable[[], datetime]

    def handlers(self) -> Mapping[str, EventHandler]:
        """Return the handlers by field."""
        return dict.fromkeys(FIELDS, self.handle)

    async def handle(self, event: WebhookEvent) -> EventDecisions:
        """Change what Meta says is different; a template that is new or edited is read anew."""
        value = event.value if isinstance(event.value, dict) else {}
        account, now = self.registry.account_id, self.clock()
        if event.account_id not in (None, account):
            return EventDecisions()  # of another account of the same app
        before = await self._find(value)
        read_anew = sync_job(account, now, key=f"templates:{event.key}")
        if before is None or await self._is_outdated(event, before):
            return EventDecisions(jobs=(read_anew,))
        after = replace(after_event(before, value, event.at or now), updated_at=now)
        written = tables.change(before, after)
        told = tell(self.extensions, self.metrics, before, after, event.key)
        return EventDecisions(
            jobs=[*told.jobs, *([read_anew] if _may_be_edited(value) else [])],
            writes=[*told.writes, *([written] if written is not None else [])],
        )

    async def _is_outdated(self, event: WebhookEvent, known: Template) -> bool:
        """Return whether more is known than a webhook tells that Meta delivers late."""
        if event.at is None or known.updated_at is None:
            return False
        read_at = float((await lane_state(self.registry)).get(READ_AT, 0))
        newest = max(read_at, known.updated_at.timestamp())
        return (event.at + CLOCK_TOLERANCE).timestamp() < newest

    async def _find(self, value: Mapping[str, Any]) -> Template | None:
        """Return the template that Meta names; its samples write languages in two ways."""
        if meta_id := str(value.get("message_template_id") or ""):
            found = await self.registry.find_by_meta_id(meta_id)
            if found is not None:
                return found
        language = str(value.get("message_template_language") or "").replace("-", "_")
        return await self.registry.find(str(value.get("message_template_name") or ""), language)


def _may_be_edited(value: Mapping[str, Any]) -> bool:
    return "message_template_element" in value or value.get("event") == "APPROVED"
