"""Makes the jobs of the core: conversations, events and the outbox."""

from collections.abc import Sequence

from app.composition.event_jobs import make_event_jobs
from app.composition.sending import make_outbox_sender
from domain.state_change import StateObserver
from jobs.spec import HandledJob
from services.conversations.calls import CallJobs
from services.conversations.jobs import ConversationJobs
from services.conversations.message_records import MessageRecords
from services.conversations.turn_runner import TurnRunner
from services.feature import Parts
from services.message_handler import MessageHandler
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
    records = MessageRecords(Quotable(parts.database))
    parts.conversations = ConversationJobs(runner, handler, parts.metrics, records)
    events = make_event_jobs(parts, runner)
    sending = make_outbox_sender(parts).handled()
    calls = CallJobs(parts.context).handled()
    return (*parts.conversations.handled(), *events, *calls, sending)
