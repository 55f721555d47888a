"""Text that both databases can store."""

from typing import Annotated

from pydantic import AfterValidator


def strip_unstorable(text: str) -> str:
    """Replace NUL and lone surrogates, which PostgreSQL refuses."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


#: A text of a request. Only PostgreSQL would refuse what is replaced, and with an error of its own.
StorableText = Annotated[str, AfterValidator(strip_unstorable)]
