"""Who answers a person."""

from enum import StrEnum


class ConversationStatus(StrEnum):
    """The words that operators see; the first ones are theirs to choose."""

    BOT = "Bot"
    #: The person asked for a human.
    NEEDS_HUMAN = "Needs human"
    HUMAN = "Human"
    CLOSED = "Closed"
    #: Nobody answers.
    BLOCKED = "Blocked"
    #: The owner answers from the WhatsApp Business app on the same number (coexistence).
    PHONE = "Phone"
    #: Meta's own agent, or another app, answers on the same number.
    META_AGENT = "Meta agent"


#: Statuses in which an operator answers, or was requested.
HUMAN_STATUSES = frozenset({ConversationStatus.NEEDS_HUMAN, ConversationStatus.HUMAN})
#: Statuses in which somebody else than the bot holds the conversation, until they let go.
HELD_STATUSES = HUMAN_STATUSES | {ConversationStatus.PHONE, ConversationStatus.META_AGENT}
#: Statuses that WhatsApp tells the bot: operators see a human, and who it is.
TOLD_BY_META = frozenset({ConversationStatus.PHONE, ConversationStatus.META_AGENT})
#: Statuses that operators see and choose.
OPERATOR_STATUSES = tuple(one for one in ConversationStatus if one not in TOLD_BY_META)


def shown_status(status: str | None) -> str:
    """Return the word that operators see for a status."""
    return ConversationStatus.HUMAN if status in TOLD_BY_META else status or ConversationStatus.BOT
