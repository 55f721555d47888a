"""Makes the handler of the outbox."""

from functools import partial

from app.composition.refusals import make_refusals
from jobs.maintenance import newer_waits
from jobs.model import Job
from services.feature import Parts
from services.sending.outbox_sender import OutboxSender
from services.sending.rate_limits import NumberRateLimiter
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media


def make_outbox_sender(parts: Parts) -> OutboxSender:
    """Return the handler of the outbox, with what the features add."""
    database = parts.database
    return OutboxSender(
        parts.whatsapp,
        sent=Deliveries(database),
        guards=[guard for feature in parts.features for guard in feature.guards()],
        media=Media(database),
        pace=NumberRateLimiter(database, parts.phone_number_id, parts.messages_per_second),
        newer_waits=partial(_newer_waits, database),
        files=parts.texts_folder / "files",
        refusals=make_refusals(parts),
        clock=parts.clock,
        metrics=parts.metrics,
    )


async def _newer_waits(database: GroupCommit, job: Job) -> bool:
    return await database.submit(Transaction(lambda connection, _: newer_waits(connection, job)))
