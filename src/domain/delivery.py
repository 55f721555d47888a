"""Delivery statuses of an outgoing message, and which one may follow which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryStatus(StrEnum):
    """Statuses in their usual order."""

    #: Stored, not yet sent to Meta.
    PENDING = "pending"
    #: Accepted by Meta, with an id.
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    #: Voice note that was listened to.
    PLAYED = "played"
    #: Refused or not deliverable: final.
    FAILED = "failed"


#: Order of statuses. Meta reports them late, twice and in any order: the higher rank stays.
RANK: dict[DeliveryStatus, int] = {status: rank for rank, status in enumerate(DeliveryStatus)}


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A new status of one of our messages: as Meta reports it, or as the bot knows it first."""

    #: Id that Meta gave the message; empty if it has none.
    wamid: str
    status: DeliveryStatus
    #: Time in UTC; None if the webhook has no readable timestamp.
    at: datetime | None = None
    #: Id that we gave the message, if any.
    callback_data: str | None = None
    error_code: int | None = None
    error_text: str | None = None
    #: What Meta charges it as, such as "service", and how: "regular", say.
    category: str | None = None
    pricing: str | None = None
