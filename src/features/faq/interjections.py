"""What people say before a question: "wait, where are you?"."""

from flow_engine.words import as_keyword
from texts.vocabulary import Vocabulary

#: Most words of one interjection: "but first I want to know".
MAX_WORDS = 6
#: Groups of words that may stand before a question.
GROUPS = (
    "greeting",
    "apology",
    "courtesy",
    "filler",
    "pause",
    "before_question",
    "laughter",
    "thanks",
    "goodbye",
    "agreement",
)


def without_interjections(vocabulary: Vocabulary, text: str) -> str:
    """Return the question behind interjections; empty if there are none, or nothing else."""
    words, known = text.split(), vocabulary.words(*GROUPS)
    start = 0
    while start < len(words):
        ends = range(min(start + MAX_WORDS, len(words)), start, -1)
        phrases = ((end, as_keyword(" ".join(words[start:end]))) for end in ends)
        end = next((end for end, phrase in phrases if not phrase or phrase in known), None)
        if end is None:
            break
        start = end
    return " ".join(words[start:]) if start else ""
