"""Whether the bot or a human answers a person."""

from enum import StrEnum


class ConversationStatus(StrEnum):
    """The words that operators choose from."""

    BOT = "Bot"
    #: the person asked for a human
    NEEDS_HUMAN = "Needs human"
    HUMAN = "Human"
    CLOSED = "Closed"
    #: nobody answers
    BLOCKED = "Blocked"


#: Statuses during which the bot is paused.
HUMAN_STATUSES = frozenset({ConversationStatus.NEEDS_HUMAN, ConversationStatus.HUMAN})
