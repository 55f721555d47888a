"""Connects conversations with what the features add, and makes the jobs of the core."""

from jobs.spec import HandledJob
from services.conversations.event_jobs import EventJobs
from services.conversations.jobs import ConversationJobs
from services.conversations.turn_runner import TurnReports, TurnRunner
from services.feature import Parts
from services.message_handler import MessageHandler
from services.sending.outbox_sender import OutboxSender
from services.sending.rate_limits import NumberRateLimiter
from storage.people.identities import Identities
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from storage.tables.users import Users
from texts.language import language_of


def make_core_jobs(parts: Parts) -> tuple[HandledJob, ...]:
    """Have conversations use what the features add; return the jobs of the core."""
    languages, default = parts.context.texts.languages, parts.default_language
    runner = TurnRunner(
        context=parts.context,
        users=Users(parts.database),
        allowlist=parts.allowlist,
        language_of=lambda user: language_of(user, languages, default),
        clock=parts.clock,
        reports=TurnReports(parts.state_observers),
    )
    handler = MessageHandler(parts.context)
    parts.conversations = ConversationJobs(runner, handler, parts.metrics)
    events = EventJobs(runner, Identities(parts.database))
    return (*parts.conversations.handled(), *events.handled(), _outbox_sender(parts).handled())


def _outbox_sender(parts: Parts) -> OutboxSender:
    """Return the handler of the outbox, with what the features add."""
    database = parts.database
    return OutboxSender(
        parts.whatsapp,
        sent=Deliveries(database),
        guards=[guard for feature in parts.features for guard in feature.guards()],
        observers=parts.context.extensions.observers,
        media=Media(database),
        pace=NumberRateLimiter(database, parts.phone_number_id, parts.messages_per_second),
        files=parts.texts_folder / "files",
        clock=parts.clock,
        metrics=parts.metrics,
    )
