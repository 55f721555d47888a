"""The questions inside a message: "thanks! where is it, and can I bring my dog?"."""

import re
from collections.abc import Sequence

from texts.vocabulary import Vocabulary

#: Where one thing that is said ends, and the next one begins, in the languages of the texts.
_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+|,\s+|\s+(?:and|but|y|pero|e|mas)\s+", re.IGNORECASE)
#: Most questions of one message that are looked up, and fewest words of each.
MAX_QUESTIONS, MIN_WORDS = 3, 2


def questions_in(vocabulary: Vocabulary, text: str) -> Sequence[str]:
    """Return the parts of a message that ask something; none if it is one part."""
    parts = [one for one in map(str.strip, _ENDS.split(text)) if any(map(str.isalnum, one))]
    if len(parts) < 2:
        return ()
    long = [one for one in parts if len(one.split()) >= MIN_WORDS]
    asked = [one for one in long if vocabulary.asks(one)]
    return (asked if len(asked) == len(long) or "?" not in text else long)[:MAX_QUESTIONS]
