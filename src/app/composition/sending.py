"""Makes the handler of the outbox."""

from functools import cache, partial

from app.composition.refusals import make_refusals
from jobs.maintenance import newer_waits
from jobs.model import Job
from services.feature import Parts
from services.sending.outbox_sender import Line, OutboxSender
from services.sending.rate_limits import NumberRateLimiter
from services.sending.stuck_messages import StuckMessages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media


def make_outbox_sender(parts: Parts) -> OutboxSender:
    """Return the handler of the outbox, with what the features add."""
    database = parts.database
    return OutboxSender(
        parts.whatsapp,
        sent=Deliveries(database),
        # Who builds on another feature decides before it.
        guards=[guard for feature in reversed(parts.features) for guard in feature.guards()],
        media=Media(database),
        line_of=cache(partial(_make_line, parts)),
        files=parts.texts_folder / "files",
        refusals=make_refusals(parts),
        clock=parts.clock,
        metrics=parts.metrics,
    )


def _make_line(parts: Parts, phone_number_id: str) -> Line:
    number = parts.cloud_api.numbers.of(phone_number_id)
    per_second = (number and number.messages_per_second) or parts.messages_per_second
    newer = partial(_newer_waits, parts.database)
    return Line(
        NumberRateLimiter(parts.database, phone_number_id, per_second),
        StuckMessages(newer, parts.whatsapp.mark_as_read, parts.clock),
    )


async def _newer_waits(database: GroupCommit, job: Job) -> bool:
    return await database.submit(Transaction(lambda connection, _: newer_waits(connection, job)))
