"""What the bot does with each type of message that Meta can deliver: one table."""

from enum import Enum

from domain.inbound import Inbound


class MessagePolicy(Enum):
    #: it says something: a text, a tap, or a caption
    ANSWER = "answer"
    #: say politely what the bot understands instead (text "unsupported.<type>")
    EXPLAIN = "explain"
    #: nothing was said to us: stay silent
    IGNORE = "ignore"


POLICY_BY_TYPE: dict[str, MessagePolicy] = {
    "text": MessagePolicy.ANSWER,
    "button": MessagePolicy.ANSWER,
    "interactive": MessagePolicy.ANSWER,
    "image": MessagePolicy.EXPLAIN,
    "video": MessagePolicy.EXPLAIN,
    "audio": MessagePolicy.EXPLAIN,
    "document": MessagePolicy.EXPLAIN,
    "sticker": MessagePolicy.EXPLAIN,
    "location": MessagePolicy.EXPLAIN,
    "contacts": MessagePolicy.EXPLAIN,
    "order": MessagePolicy.EXPLAIN,
    "unsupported": MessagePolicy.EXPLAIN,
    "unknown": MessagePolicy.EXPLAIN,
    # A thumb up needs no reply; the others tell us of something, they ask nothing.
    "reaction": MessagePolicy.IGNORE,
    "system": MessagePolicy.IGNORE,
    "edit": MessagePolicy.IGNORE,
    "revoke": MessagePolicy.IGNORE,
    "request_welcome": MessagePolicy.IGNORE,
    "errors": MessagePolicy.IGNORE,
}


#: Types in which Meta tells us of something, or the person changes what they wrote before.
NOT_WRITTEN = frozenset({"system", "errors", "request_welcome", "edit", "revoke"})


def opens_window(message: Inbound) -> bool:
    """Return whether a message opens the window anew: the person wrote to us."""
    return message.kind not in NOT_WRITTEN


def policy_for(message: Inbound) -> MessagePolicy:
    """A caption makes a picture or a document something that was said."""
    if message.text is not None or message.choice is not None:
        return MessagePolicy.ANSWER
    decided = POLICY_BY_TYPE.get(message.kind, MessagePolicy.EXPLAIN)
    return MessagePolicy.EXPLAIN if decided is MessagePolicy.ANSWER else decided
