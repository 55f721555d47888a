"""Whoever writes a book holds nobody else up."""

from tests.fakes.web import text_message

from features.faq.entry import FaqEntry
from features.faq.search import MAX_QUESTION_CHARS, FaqIndex, SearchResult
from schemas.reading import MAX_TEXT_CHARS, read_inbound

PARKING = FaqEntry("Is there parking?", "Behind the house.", (), "en")
KNOWLEDGE = FaqIndex([PARKING])


def test_of_a_long_text_only_the_beginning_is_looked_up() -> None:
    asked = "is there parking?".ljust(MAX_QUESTION_CHARS)
    assert KNOWLEDGE.find(asked + "parks and other words " * 100_000, "en") == SearchResult(PARKING)
    assert KNOWLEDGE.find(" " * MAX_QUESTION_CHARS + "is there parking?", "en") == SearchResult()


def test_of_a_book_only_the_beginning_is_read() -> None:
    message = text_message("wamid.1", "¡olé! 🎉" * 100_000)
    read = read_inbound({"phone_number_id": "1", "contact": None, "message": message})
    assert read.text == ("¡olé! 🎉" * 100_000)[:MAX_TEXT_CHARS]
