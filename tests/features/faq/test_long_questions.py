"""People who write a book hold nobody else up."""

from features.faq.entry import FaqEntry
from features.faq.search import MAX_QUESTION_CHARS, FaqIndex, SearchResult

PARKING = FaqEntry("Is there parking?", "Behind the house.", (), "en")
KNOWLEDGE = FaqIndex([PARKING])


def test_of_a_long_text_only_the_beginning_is_looked_up() -> None:
    asked = "is there parking?".ljust(MAX_QUESTION_CHARS)
    assert KNOWLEDGE.find(asked + "parks and other words " * 100_000, "en") == SearchResult(PARKING)
    assert KNOWLEDGE.find(" " * MAX_QUESTION_CHARS + "is there parking?", "en") == SearchResult()
