"""Templates: a registry that is in step with Meta, and checks of what fills a template."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from features.templates.events import TemplateEvents
from features.templates.jobs import (
    READ_AT,
    TEMPLATES_POOL,
    TROUBLE,
    TemplateSync,
    lane_state,
    sync_job,
)
from features.templates.operator_table import TemplateTable
from features.templates.registry import TemplateRegistry
from features.templates.schema import TEMPLATES
from features.templates.send_guard import TemplateGuard
from features.templates.settings import TemplateSettings
from jobs.model import LaneState, NewJob
from jobs.spec import HandledJob
from services.conversations.webhook_events import EventHandler
from services.feature import Feature, Parts
from services.operator_tables import OperatorTable
from services.sending.outbox import SendGuard

#: Meta's errors of a message whose template is not as the registry has it: other variables, gone,
#: paused or disabled.
OUTDATED = frozenset({132000, 132001, 132012, 132015, 132016})


class Templates(Feature):
    """Keeps a registry of message templates. Without WP_BID, it is empty."""

    name = "templates"
    summary = "message templates: a registry in step with Meta, and checks before sending"
    page = "docs/templates.md"
    schemas = (TEMPLATES,)
    pools = (TEMPLATES_POOL,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        account = parts.business_account_id
        #: None if it is not known whose templates.
        self.registry = None if account is None else TemplateRegistry(parts.database, account)

    def events(self) -> Mapping[str, EventHandler]:
        if self.registry is None:
            return {}
        parts = self.parts
        extensions = parts.context.extensions
        return TemplateEvents(self.registry, extensions, parts.metrics, parts.clock).handlers()

    def jobs(self) -> Iterable[HandledJob]:
        if self.registry is None:
            return ()
        parts, settings = self.parts, self.parts.settings_of(TemplateSettings)
        sync = TemplateSync(
            self.registry,
            partial(parts.cloud_api.templates, self.registry.account_id),
            parts.context.extensions,
            parts.metrics,
            timedelta(minutes=settings.template_sync_minutes),
            parts.clock,
        )
        return sync.handled()

    def first_jobs(self) -> Iterable[NewJob]:
        if self.registry is not None:
            yield sync_job(self.registry.account_id, self.parts.clock())

    def refused(self, code: int | None) -> Iterable[NewJob]:
        if self.registry is not None and code in OUTDATED:
            now = self.parts.clock()
            key = f"templates:refused:{now:%Y-%m-%dT%H:%M}"  # one for all messages of a minute
            yield sync_job(self.registry.account_id, now, key=key)

    def guards(self) -> Iterable[SendGuard]:
        if self.registry is not None:
            yield TemplateGuard(self.registry, self.parts.clock)

    def operator_tables(self) -> Iterable[OperatorTable]:
        return (TemplateTable(self.registry),)

    async def health(self) -> Mapping[str, str]:
        if self.registry is None:
            return {"templates": "not read: WP_BID is not set"}
        state = await lane_state(self.registry)
        if TROUBLE in state:
            return {"templates": f"not read: {state[TROUBLE]}"}
        counts = Counter(one.status.lower() for one in await self.registry.all())
        shown = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        return {"templates": f"{shown or 'none'}{_age(state, self.parts.clock())}"}


def _age(state: LaneState, now: datetime) -> str:
    """Return how old what is known of the templates is."""
    read_at = state.get(READ_AT)
    if not isinstance(read_at, int | float):
        return ""
    return f" (read {max(0, round(now.timestamp() - read_at)) // 60} min ago)"


FEATURE = Templates
