"""Statuses that prove a send of which nobody saw the end: the next messages need not wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.delivery import DeliveryStatus, StatusReport
from jobs.pauses import end_pauses
from storage.engine.write import Write

#: The first status of a message.
_FIRST = frozenset({DeliveryStatus.SENT, DeliveryStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Proofs:
    """Ends the grace of messages that were being sent when a process was killed."""

    clock: Callable[[], datetime]

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        """Return what ends the pauses: the outbox then sees that Meta has the message."""
        keys = [one.callback_data for one in statuses if one.status in _FIRST]
        proved = [key for key in keys if key]
        return [end_pauses(proved, at=self.clock())] if proved else []
