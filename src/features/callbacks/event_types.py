"""The types of events that endpoints may want; docs/callbacks.md describes each."""

from collections.abc import Sequence

from flow_engine.faults import did_you_mean
from utils.commands import CommandError

TYPES = (
    "message.received",
    *(f"handoff.{one}" for one in ("opened", "answered", "closed")),
    "record.saved",
    "record.changed",
    "notification.status",
    "batch.finished",
    "template.status",
    "call.ended",
)
#: What `watch.py callbacks test` sends, whatever an endpoint wants.
TEST = "callback.test"
ALL = "*"


def chosen_types(given: Sequence[str] | None) -> Sequence[str]:
    """Return the types that were asked for. Raise CommandError for one that does not exist."""
    for one in given or ():
        if one not in TYPES:
            hint = did_you_mean(one, TYPES)
            raise CommandError(f"there is no event {one}{hint or '.'} All: {', '.join(TYPES)}")
    return tuple(dict.fromkeys(given)) if given else (ALL,)
