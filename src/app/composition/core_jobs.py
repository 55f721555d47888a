"""Makes the jobs of the core: conversations, events and the outbox."""

from collections.abc import Sequence

from app.composition.conversation_jobs import make_conversation_jobs, make_turn_runner
from app.composition.event_jobs import make_event_jobs
from app.composition.sending import make_outbox_sender
from domain.state_change import StateObserver
from jobs.spec import HandledJob
from services.conversations.calls import CallJobs
from services.feature import Parts


def make_core_jobs(parts: Parts, observers: Sequence[StateObserver]) -> tuple[HandledJob, ...]:
    """Have conversations use what the features add; return the jobs of the core.

    `observers` are told of each turn, in development.
    """
    runner = make_turn_runner(parts, observers)
    parts.conversations = make_conversation_jobs(parts, runner)
    events = make_event_jobs(parts, runner)
    sending = make_outbox_sender(parts).handled()
    calls = CallJobs(parts.context).handled()
    return (*parts.conversations.handled(), *events, *calls, sending)
