"""Makes the jobs of what webhooks tell besides messages: events, echoes, handovers, statuses."""

from app.composition.refusals import make_closed_window
from jobs.spec import HandledJob
from services.conversations.event_jobs import EventJobs
from services.conversations.holding import HoldingJobs
from services.conversations.turn_runner import TurnRunner
from services.conversations.unknown_statuses import UnknownStatuses
from services.feature import Parts
from storage.people.identities import Identities
from storage.tables.deliveries import Deliveries


def make_event_jobs(parts: Parts, runner: TurnRunner) -> tuple[HandledJob, ...]:
    """Return the jobs, and give features what makes jobs for the people of an event."""
    parts.events = EventJobs(runner, Identities(parts.database))
    sent = Deliveries(parts.database)
    statuses = UnknownStatuses(parts.context, sent, parts.metrics, parts.clock)
    holding = HoldingJobs(runner, sent)
    window = make_closed_window(parts)
    return (*parts.events.handled(), *holding.handled(), statuses.handled(), window.handled())
