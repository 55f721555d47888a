"""Whoever writes a book holds nobody else up."""

from tests.fakes.web import text_message

from schemas.reading import MAX_TEXT_CHARS, read_inbound


def test_of_a_book_only_the_beginning_is_read() -> None:
    message = text_message("wamid.1", "¡olé! 🎉" * 100_000)
    read = read_inbound({"phone_number_id": "1", "contact": None, "message": message})
    assert read.text == ("¡olé! 🎉" * 100_000)[:MAX_TEXT_CHARS]
