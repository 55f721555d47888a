"""Makes what runs the turns of conversations, and their jobs."""

from collections.abc import Sequence

from domain.state_change import StateObserver
from services.conversations.jobs import ConversationJobs
from services.conversations.message_records import MessageRecords
from services.conversations.message_turns import MessageTurns
from services.conversations.turn_runner import TurnRunner
from services.feature import Parts
from services.message_handler import MessageHandler
from storage.tables.quotable import Quotable
from storage.tables.users import Users
from texts.language import language_of


def make_turn_runner(parts: Parts, observers: Sequence[StateObserver]) -> TurnRunner:
    """Return what loads turns and commits what they decide."""
    languages, default = parts.context.texts.languages, parts.default_language
    return TurnRunner(
        context=parts.context,
        users=Users(parts.database),
        allowlist=parts.allowlist,
        language_of=lambda user: language_of(user, languages, default),
        clock=parts.clock,
        observers=observers,
    )


def make_conversation_jobs(parts: Parts, runner: TurnRunner) -> ConversationJobs:
    """Return the jobs of messages and timers."""
    handler = MessageHandler(parts.context)
    records = MessageRecords(Quotable(parts.database))
    messages = MessageTurns(runner, handler, parts.metrics, records)
    return ConversationJobs(runner, handler, messages)
