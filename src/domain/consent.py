"""What people agreed to, and what they took back."""

from dataclasses import dataclass
from datetime import datetime

#: Kinds of events: consent to keep data, to send offers, and to write to the person at all.
CONSENT_EVENTS = (
    "agreed",
    "withdrew",
    "agreed to marketing",
    "no more marketing",
    "opted out",
    "opted in",
)


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """A consent that a person gave or took back."""

    id: str
    user_key: str
    #: one of CONSENT_EVENTS
    event: str
    #: the version of the privacy text that was shown, or the words that the person wrote
    detail: str | None
    at: datetime
