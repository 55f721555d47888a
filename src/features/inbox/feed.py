"""Tells open pages which conversations changed, in whichever process."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from features.inbox.masks import Mask
from features.inbox.reading import latest_changes
from storage.engine.group_commit import GroupCommit

#: Between two looks at the latest conversations, while a page is open, in seconds.
LOOK_SECONDS = 0.1
#: Conversations that are looked at: whatever changes is among the latest.
LOOKED_AT = 300
#: Between two lines that keep a connection open through proxies, in seconds.
BEAT_SECONDS = 20.0

Changes = dict[str, int]


@dataclass(eq=False, slots=True)
class OpenPage:
    """A page, and what it has not heard of: each conversation once, however slowly it reads."""

    changed: set[str] = field(default_factory=set)
    is_news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, keys: Iterable[str]) -> None:
        """Note that conversations changed."""
        self.changed.update(keys)
        self.is_news.set()

    async def hear(self) -> list[str]:
        """Return which conversations changed, in at most `BEAT_SECONDS`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_news.wait(), BEAT_SECONDS)
        keys = sorted(self.changed)
        self.changed.clear()
        self.is_news.clear()
        return keys


class InboxFeed:
    """One look at the database for all pages of a process; none while no page is open."""

    def __init__(
        self, database: GroupCommit, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database = database
        self._sleep = sleep
        self._pages: set[OpenPage] = set()
        self._task: asyncio.Task[None] | None = None

    async def events(
        self, mask_of_reader: Callable[[], Awaitable[Mask | None]]
    ) -> AsyncGenerator[str, None]:
        """Yield server-sent events, each with the keys of the conversations that changed.

        They end with the session: `mask_of_reader` is asked before each, and then returns None.
        """
        page = OpenPage()
        if self._task is None:
            known = await self._latest()
            self._task = self._task or asyncio.create_task(self._look(known))
        self._pages.add(page)
        try:
            yield "retry: 1000\n\n"
            while True:
                keys = await page.hear()
                mask = await mask_of_reader()
                if mask is None:
                    return
                shown = json.dumps([mask.hide(key) for key in keys])
                yield f"data: {shown}\n\n" if keys else ": still here\n\n"
        finally:
            self._pages.discard(page)
            if not self._pages and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _look(self, known: Changes) -> None:
        while True:
            await self._sleep(LOOK_SECONDS)
            with suppress(SQLAlchemyError, OSError):  # it is away: a later look finds what changed
                now = await self._latest()
                keys = [key for key, rev in now.items() if known.get(key) != rev]
                known = now
                if keys:
                    self._tell(keys)

    async def _latest(self) -> Changes:
        return await self._database.reader.run(lambda c, _: latest_changes(c, LOOKED_AT))

    def _tell(self, keys: list[str]) -> None:
        for page in self._pages:
            page.tell(keys)
