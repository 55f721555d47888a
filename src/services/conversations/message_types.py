"""What the bot does with each type of message that Meta can deliver: one table."""

from enum import Enum

from domain.inbound import Inbound


class Treatment(Enum):
    #: it says something: a text, a tap, or a caption
    ANSWER = "answer"
    #: say politely what the bot understands instead (text "unsupported.<type>")
    EXPLAIN = "explain"
    #: nothing was said to us: stay silent
    IGNORE = "ignore"


TREATMENTS: dict[str, Treatment] = {
    "text": Treatment.ANSWER,
    "button": Treatment.ANSWER,
    "interactive": Treatment.ANSWER,
    "image": Treatment.EXPLAIN,
    "video": Treatment.EXPLAIN,
    "audio": Treatment.EXPLAIN,
    "document": Treatment.EXPLAIN,
    "sticker": Treatment.EXPLAIN,
    "location": Treatment.EXPLAIN,
    "contacts": Treatment.EXPLAIN,
    "order": Treatment.EXPLAIN,
    "unsupported": Treatment.EXPLAIN,
    "unknown": Treatment.EXPLAIN,
    # A thumb up needs no reply; the others tell us of something, they ask nothing.
    "reaction": Treatment.IGNORE,
    "system": Treatment.IGNORE,
    "edit": Treatment.IGNORE,
    "revoke": Treatment.IGNORE,
    "request_welcome": Treatment.IGNORE,
    "errors": Treatment.IGNORE,
}


def treatment_of(message: Inbound) -> Treatment:
    """A caption makes a picture or a document something that was said."""
    if message.text is not None or message.choice is not None:
        return Treatment.ANSWER
    decided = TREATMENTS.get(message.kind, Treatment.EXPLAIN)
    return Treatment.EXPLAIN if decided is Treatment.ANSWER else decided
