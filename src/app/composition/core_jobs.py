"""Makes the jobs of the core: conversations, events and the outbox."""

from collections.abc import Sequence

from app.composition.sending import make_closed_window, make_outbox_sender
from domain.state_change import StateObserver
from jobs.spec import HandledJob
from services.conversations.event_jobs import EventJobs
from services.conversations.holding import HoldingJobs
from services.conversations.jobs import ConversationJobs
from services.conversations.turn_runner import TurnRunner
from services.conversations.unknown_statuses import UnknownStatuses
from services.feature import Parts
from services.message_handler import MessageHandler
from storage.people.identities import Identities
from storage.tables.deliveries import Deliveries
from storage.tables.quotable import Quotable
from storage.tables.users import Users
from texts.language import language_of


def make_core_jobs(parts: Parts, observers: Sequence[StateObserver]) -> tuple[HandledJob, ...]:
    """Have conversations use what the features add; return the jobs of the core.

    `observers` are told of each turn, in development.
    """
    languages, default = parts.context.texts.languages, parts.default_language
    runner = TurnRunner(
        context=parts.context,
        users=Users(parts.database),
        allowlist=parts.allowlist,
        language_of=lambda user: language_of(user, languages, default),
        clock=parts.clock,
        observers=observers,
    )
    handler = MessageHandler(parts.context)
    parts.conversations = ConversationJobs(runner, handler, parts.metrics, Quotable(parts.database))
    parts.events = EventJobs(runner, Identities(parts.database))
    holding = HoldingJobs(runner, Deliveries(parts.database))
    statuses = UnknownStatuses(
        parts.context, Deliveries(parts.database), parts.metrics, parts.clock
    )
    sending = (make_outbox_sender(parts).handled(), make_closed_window(parts).handled())
    return (
        *parts.conversations.handled(),
        *parts.events.handled(),
        *holding.handled(),
        statuses.handled(),
        *sending,
    )
