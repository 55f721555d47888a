"""The customer service window: when a business may write freely.

The 72 hours after an ad brought somebody (free entry point) are about the price alone: messages
that are no templates need an open window then, too.

Source: developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages, …/pricing
"""

from datetime import datetime, timedelta

from domain.user import User

#: Time after a person's last message in which a business may write freely (Meta).
MESSAGING_WINDOW = timedelta(hours=24)


def window_closes_at(person: User) -> datetime | None:
    """Return when the window of a person closes; None if it is not known when they wrote."""
    wrote_at = person.last_inbound_at
    return None if wrote_at is None else wrote_at + MESSAGING_WINDOW


def is_window_closed(person: User, now: datetime) -> bool:
    """Whether it is known that Meta would refuse a free-form message.

    Where it is not known when the person wrote, Meta decides.
    """
    closes_at = window_closes_at(person)
    return closes_at is not None and now > closes_at
