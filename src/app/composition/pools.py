"""The pools of all jobs that the core and the features declare, served here or not."""

from app.composition.features import find_features
from jobs.spec import Pool
from services.conversations.calls import CALLS
from services.conversations.job_specs import CONVERSATIONS, EVENTS
from services.sending.outbox import OUTBOX


def declared_pools() -> tuple[Pool, ...]:
    """Return the pools of the core, and those of the features that are there."""
    added = (pool for feature in find_features() for pool in feature.pools)
    return (CONVERSATIONS, EVENTS, CALLS, OUTBOX, *added)
