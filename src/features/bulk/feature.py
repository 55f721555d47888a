"""Bulk: what all features share that write to many people."""

from collections.abc import Iterable, Mapping

from features.bulk.limits import BULK_POOL, READ_LIMIT, LimitReader
from features.bulk.pace import BulkPace
from features.bulk.senders import BulkSending
from features.bulk.settings import BulkSettings
from jobs.model import NewJob
from jobs.spec import EmptyBody, HandledJob
from services.conversations.webhook_events import EventHandler
from services.feature import Feature, Parts


class Bulk(Feature):
    """Divides the pace, and keeps Meta's limit of people."""

    name = "bulk"
    summary = "messages to many people: their pace, Meta's limit of people, pauses after failures"
    page = "docs/bulk.md"
    pools = (BULK_POOL,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        number = parts.phone_number_id
        self.sending = BulkSending(
            parts.database,
            BulkPace(parts.database, number, parts.messages_per_second),
            parts.business_account_id or number,
            parts.context.extensions,
        )
        settings: BulkSettings = parts.settings_of(BulkSettings)
        self._chosen = settings.messaging_limit
        self._reader = LimitReader(
            parts.cloud_api,
            number,
            self.sending.portfolio,
            parts.business_account_id,
            parts.clock,
            self._chosen,
        )

    def jobs(self) -> Iterable[HandledJob]:
        return self._reader.handled()

    def first_jobs(self) -> Iterable[NewJob]:
        yield READ_LIMIT.new(BULK_POOL.lane(self.sending.portfolio), EmptyBody())

    def events(self) -> Mapping[str, EventHandler]:
        return self._reader.handlers() if self._chosen is None else {}

    async def health(self) -> Mapping[str, str]:
        used = await self.sending.reach(self.parts.clock())
        if used.most is None:
            return {}
        return {"messaging limit": f"{used.count:,} of {used.most:,} people within 24 hours"}


FEATURE = Bulk
