"""Showing a person that somebody is typing, where an answer takes its time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from services.clients.cloud_api.errors import WhatsAppError

#: Replies that take longer are announced.
PATIENCE = timedelta(seconds=1)
#: WhatsApp takes the sign away after 25 seconds.
AGAIN = timedelta(seconds=20)


class TypingIndicator:
    """`show` does so once, below a message of the person."""

    def __init__(self, show: Callable[[str], Awaitable[None]]) -> None:
        self._show = show

    @contextmanager
    def while_busy(self, message_id: str) -> Iterator[None]:
        """From PATIENCE on, as long as what is done within takes."""
        announcing = asyncio.create_task(self._announce(message_id))
        try:
            yield
        finally:
            announcing.cancel()

    async def _announce(self, message_id: str) -> None:
        await asyncio.sleep(PATIENCE.total_seconds())
        with suppress(WhatsAppError):  # a courtesy: the reply itself is on its way
            while True:
                await self._show(message_id)
                await asyncio.sleep(AGAIN.total_seconds())
