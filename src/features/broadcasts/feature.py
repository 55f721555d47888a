"""Broadcasts: an approved template for many people, as operators order it."""

from collections.abc import Iterable

from features.broadcasts.broadcast_table import BroadcastTable
from features.broadcasts.job_specs import BROADCASTS_POOL
from features.broadcasts.jobs import BroadcastRunner
from features.broadcasts.schema import BROADCASTS
from features.broadcasts.send_guard import BroadcastGuard
from features.bulk.feature import Bulk
from features.templates.feature import Templates
from jobs.spec import HandledJob
from services.feature import Feature
from services.operator_tables import OperatorTable
from services.sending.outbox import SendGuard


class Broadcasts(Feature):
    """Operators send a template to the people who agreed to it."""

    name = "broadcasts"
    summary = "operators send an approved template to many people"
    page = "docs/operators.md"
    needs = ("airtable", "bulk", "templates")
    schemas = (BROADCASTS,)
    pools = (BROADCASTS_POOL,)

    def jobs(self) -> Iterable[HandledJob]:
        if not self.parts.context.extensions.shows_tables:
            return ()
        runner = BroadcastRunner(
            self.parts.database,
            registry=self.parts.feature(Templates).registry,
            sending=self.parts.feature(Bulk).sending,
            clock=self.parts.clock,
            observers=self.parts.context.extensions.observers,
        )
        return runner.handled()

    def guards(self) -> Iterable[SendGuard]:
        return (BroadcastGuard(self.parts.database),)

    def operator_tables(self) -> Iterable[OperatorTable]:
        return (BroadcastTable(self.parts.database),)


FEATURE = Broadcasts
