"""What webhooks hold besides messages and statuses, as features get it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jobs.model import NewJob
from services.conversations.person_items import PersonItem
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
    #: Id of the business account; None if the webhook does not name it.
    account_id: str | None = None
    #: Meta's time of the event, to the second; None if the webhook does not say.
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventDecisions:
    """What an event leads to; it commits together with the end of the event's job."""

    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()


#: Handles the events of one field. Raises to be tried again; may run again after a crash.
EventHandler = Callable[[WebhookEvent], Awaitable[EventDecisions]]


def read_origin(origin: str) -> tuple[str | None, datetime | None]:
    """Return the business account and the time of an event, as `EventJob.origin` has them."""
    account_id, _, seconds = origin.partition(":")
    is_time = seconds.isdecimal() and len(seconds) <= 10  # no year beyond 2286
    at = datetime.fromtimestamp(int(seconds), UTC) if is_time else None
    return account_id if account_id.isdecimal() else None, at


@dataclass(frozen=True, slots=True)
class FieldContent:
    """What a feature reads in a change of its webhook field."""

    about_people: Sequence[PersonItem] = ()
    #: What it does not read, in the shape of the change: kept, and given to `Feature.events`.
    rest: Mapping[str, Any] | None = None


#: Reads a change: (phone number ID, Meta's JSON of the value). Never raises, for any content.
FieldReader = Callable[[str, Mapping[str, Any]], FieldContent]
