"""What webhooks hold besides messages and statuses, as features get it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.model import NewJob
from storage.engine.write import Write


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event of a webhook, as Meta sent it."""

    #: Meta's name of the field, such as "calls" or "message_template_status_update".
    field: str
    #: Meta's JSON: the value of the change, without the parts that the bot reads by itself.
    value: Any
    #: "-" for events of the whole account.
    phone_number_id: str
    #: Names the event: a redelivery of it has the same.
    key: str


@dataclass(frozen=True, slots=True)
class EventDecisions:
    """What an event leads to; it commits together with the end of the event's job."""

    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()


#: Handles the events of one field. Raises to be tried again; may run again after a crash.
EventHandler = Callable[[WebhookEvent], Awaitable[EventDecisions]]
