"""Makes the handler of the outbox."""

from functools import partial

from jobs.maintenance import newer_waits
from jobs.model import Job
from services.conversations.send_refusals import consequences
from services.feature import Parts
from services.sending.closed_window import ClosedWindow
from services.sending.outbox_sender import OutboxSender
from services.sending.permission import SendPermission
from services.sending.rate_limits import NumberRateLimiter
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from storage.tables.users import Users


def make_outbox_sender(parts: Parts) -> OutboxSender:
    """Return the handler of the outbox, with what the features add."""
    database = parts.database
    return OutboxSender(
        parts.whatsapp,
        sent=Deliveries(database),
        guards=[guard for feature in parts.features for guard in feature.guards()],
        observers=parts.context.extensions.observers,
        media=Media(database),
        pace=NumberRateLimiter(database, parts.phone_number_id, parts.messages_per_second),
        newer_waits=partial(_newer_waits, database),
        files=parts.texts_folder / "files",
        permission=SendPermission(Users(database), parts.clock),
        window=make_closed_window(parts),
        consequences=consequences,
        clock=parts.clock,
        metrics=parts.metrics,
    )


def make_closed_window(parts: Parts) -> ClosedWindow:
    """Return what becomes of messages outside the window."""
    return ClosedWindow(
        parts.outside_window_template,
        Users(parts.database),
        parts.context.extensions.observers,
        parts.clock,
    )


async def _newer_waits(database: GroupCommit, job: Job) -> bool:
    return await database.submit(Transaction(lambda connection, _: newer_waits(connection, job)))
