"""Files that people send, as far as the core knows them."""

from collections.abc import Awaitable
from typing import Protocol


class MediaFetcher(Protocol):
    """Fetches the files of people from Meta."""

    def size(self, media_id: str, *, most: int) -> Awaitable[int]:
        """Return the size that Meta declares, or `most` if it declares none.

        Raise WhatsAppError, also for a file of more than `most` bytes.
        """
        ...

    def fetch(self, media_id: str, *, most: int) -> Awaitable[bytes]:
        """Return a file of at most `most` bytes. Raise WhatsAppError."""
        ...


class UnreadableMedia(Exception):
    """A file cannot be read; `key` names the text that tells the person why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
