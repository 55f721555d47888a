"""Whether a message may be sent to a person: one table of refusals.

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.lines import Line
from emulator.cloud_api.state.people import Person

#: Subcode of a refusal by the list of allowed recipients.
NOT_ALLOWED_SUBCODE = 2655007


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """A valid message and its recipient."""

    message: Mapping[str, Any]
    person: Person
    config: Config
    now: float
    #: category of its template; None for other messages
    category: str | None
    #: the number that it is sent from
    line: Line


def require_eligible(attempt: SendAttempt) -> None:
    """Raise the GraphError that Meta would answer, if any."""
    for is_refused, refusal in REFUSALS:
        if is_refused(attempt):
            raise replace(refusal)  # each has a traceback of its own


def _is_ourselves(attempt: SendAttempt) -> bool:
    return attempt.person.wa_id == attempt.line.display


def _is_not_allowed(attempt: SendAttempt) -> bool:
    allowed = attempt.config.allowed_recipients
    return bool(allowed) and attempt.person.wa_id not in allowed


def _is_blocked(attempt: SendAttempt) -> bool:
    return attempt.person.is_blocked


def _is_code_by_user_id(attempt: SendAttempt) -> bool:
    return attempt.category == "AUTHENTICATION" and not attempt.message.get("to")


def _has_opted_out(attempt: SendAttempt) -> bool:
    return attempt.category == "MARKETING" and not attempt.person.wants_offers


def _is_too_late(attempt: SendAttempt) -> bool:
    window, wrote_at = attempt.config.window_seconds, attempt.line.wrote_at(attempt.person)
    if attempt.category is not None or not window:
        return False
    return wrote_at is None or attempt.now - wrote_at > window


#: Refusals in the order of their checks.
REFUSALS: tuple[tuple[Callable[[SendAttempt], bool], GraphError], ...] = (
    (_is_ourselves, GraphError(131021, "The recipient is the sender.")),
    (
        _is_not_allowed,
        GraphError(
            131030,
            "Recipient phone number not in allowed list: Add recipient phone number to "
            "recipient list and try again.",
            subcode=NOT_ALLOWED_SUBCODE,
        ),
    ),
    (_is_blocked, GraphError(130403, "The business has blocked this person.")),
    (
        _is_code_by_user_id,
        GraphError(131062, "Authentication templates go to phone numbers only."),
    ),
    (
        _has_opted_out,
        GraphError(131050, "The person stopped marketing messages of this business."),
    ),
    (
        _is_too_late,
        GraphError(
            131047,
            "Message failed to send because more than 24 hours have passed since the "
            "customer last replied to this number.",
        ),
    ),
)
