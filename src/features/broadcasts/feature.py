"""Broadcasts: an approved template for many people, as operators order it."""

from collections.abc import Iterable, Mapping
from functools import partial

from features.broadcasts.broadcast_table import BroadcastTable
from features.broadcasts.job_specs import BROADCASTS_POOL
from features.broadcasts.jobs import BroadcastRunner
from features.broadcasts.schema import BROADCASTS, TEMPLATES
from features.broadcasts.send_guard import BroadcastGuard
from features.broadcasts.template_alerts import TemplateAlerts
from features.broadcasts.template_table import TemplateTable
from jobs.spec import HandledJob
from services.clients.cloud_api.client import ReadTemplates
from services.conversations.webhook_events import EventHandler
from services.feature import Feature, Parts
from services.operator_tables import OperatorTable
from services.sending.outbox_sender import SendGuard


class Broadcasts(Feature):
    """Operators send a template to the people who agreed to it."""

    name = "broadcasts"
    summary = "operators send an approved template to many people"
    page = "docs/operators.md"
    needs = ("airtable",)
    schemas = (TEMPLATES, BROADCASTS)
    pools = (BROADCASTS_POOL,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._read = self._make_reader()

    def events(self) -> Mapping[str, EventHandler]:
        parts = self.parts
        return TemplateAlerts(parts.context.extensions, parts.metrics).events()

    def jobs(self) -> Iterable[HandledJob]:
        if not self.parts.context.extensions.operators_reachable:
            return ()
        runner = BroadcastRunner(
            self.parts.database,
            read=self._read,
            per_second=self.parts.messages_per_second,
            clock=self.parts.clock,
            observers=self.parts.context.extensions.observers,
        )
        return runner.handled()

    def guards(self) -> Iterable[SendGuard]:
        return (BroadcastGuard(self.parts.database),)

    def operator_tables(self) -> Iterable[OperatorTable]:
        return (TemplateTable(self._read), BroadcastTable(self.parts.database))

    def _make_reader(self) -> ReadTemplates | None:
        """None if it is not known whose templates."""
        account = self.parts.business_account_id
        return None if account is None else partial(self.parts.cloud_api.templates, account)


FEATURE = Broadcasts
