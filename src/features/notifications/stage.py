"""How far a notification is."""

from enum import StrEnum


class Stage(StrEnum):
    """How far the bot is with a notification; Meta's statuses are in the delivery ledger."""

    #: Stored, and not yet in the outbox.
    WAITING = "waiting"
    #: In the outbox, or sent.
    RELEASED = "released"
    CANCELLED = "cancelled"
    #: Its time had passed before it was sent.
    EXPIRED = "expired"
    #: When it was due, the template or the person no longer allowed it.
    REFUSED = "refused"


#: What was never sent, or is not sent any more.
ENDS = (Stage.CANCELLED, Stage.EXPIRED, Stage.REFUSED)


class Status(StrEnum):
    """Statuses of a notification that callers see."""

    #: Its time has not come.
    SCHEDULED = "scheduled"
    #: On its way to Meta.
    PENDING = "pending"
    #: Meta has it.
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
