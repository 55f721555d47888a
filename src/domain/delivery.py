"""The life of one outgoing message, and which step may follow which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryStatus(StrEnum):
    #: stored, not yet handed to Meta
    PENDING = "pending"
    #: Meta took it and gave it an id
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    #: a voice message was listened to
    PLAYED = "played"
    #: Meta refused it or could not deliver it: final
    FAILED = "failed"


#: Meta sends statuses late, twice and in any order; the higher rank stays.
RANK: dict[DeliveryStatus, int] = {status: rank for rank, status in enumerate(DeliveryStatus)}


def later(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """The status to keep after `reported` arrives at a message that is `current`."""
    return max(current, reported, key=RANK.__getitem__)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What Meta says of one of our messages."""

    #: Meta's id of the message
    wamid: str
    status: DeliveryStatus
    #: aware; None where the webhook carried no readable timestamp
    at: datetime | None = None
    #: our id of the message, if it was sent with one
    callback_data: str | None = None
    error_code: int | None = None
    error_text: str | None = None
