"""Connects conversations with what the features add, and makes the jobs of the core."""

from app.composition.sending import make_sender
from jobs.spec import HandledJob
from services.conversations.event_jobs import EventJobs
from services.conversations.jobs import ConversationJobs
from services.conversations.language import language_of
from services.conversations.turn_reports import TurnReports
from services.conversations.turn_runner import TurnRunner
from services.feature import Parts
from services.message_handler import MessageHandler
from storage.people.identities import Identities
from storage.tables.users import Users


def make_core_jobs(parts: Parts) -> tuple[HandledJob, ...]:
    """Have conversations use what the features add; return the jobs of the core."""
    texts, default = parts.context.texts, parts.default_language
    runner = TurnRunner(
        context=parts.context,
        users=Users(parts.database),
        allowlist=parts.allowlist,
        language_of=lambda user: language_of(user, texts, default),
        clock=parts.clock,
        reports=TurnReports(parts.state_observers),
    )
    handler = MessageHandler(parts.context)
    parts.conversations = ConversationJobs(runner, handler, parts.metrics)
    parts.events = EventJobs(runner, Identities(parts.database))
    return (*parts.conversations.handled(), *parts.events.handled(), make_sender(parts).handled())
