"""What stands against writing to a person first, in a broadcast or a notification."""

from enum import StrEnum

from domain.conversation_status import ConversationStatus
from domain.user import User
from features.templates.model import MARKETING


class Objection(StrEnum):
    """Why somebody is not written to; the words are for operators."""

    OPTED_OUT = "wrote STOP"
    BLOCKED = "blocked"
    NO_MARKETING = "did not agree to marketing"
    ERASED = "had their data erased"


def objection_to(person: User, category: str, *, was_erased: bool = False) -> Objection | None:
    """Return what stands against a template of this category; None if nothing does.

    `was_erased`: an identifier of the person belongs to somebody whose data were erased.
    """
    # What they agreed to before was erased with the rest.
    if was_erased and person.marketing_at is None:
        return Objection.ERASED
    if person.opted_out_at is not None:
        return Objection.OPTED_OUT
    if person.status == ConversationStatus.BLOCKED:
        return Objection.BLOCKED
    if category == MARKETING and person.marketing_at is None:
        return Objection.NO_MARKETING
    return None
