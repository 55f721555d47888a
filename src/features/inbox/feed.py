"""Tells open pages which conversations changed, in whichever process."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from domain.json import JsonObject
from features.inbox.news import News, read_news
from features.inbox.operators import Operator
from features.inbox.reading import latest_changes
from storage.engine.group_commit import GroupCommit

#: Between two looks at the latest conversations, while a page is open, in seconds.
LOOK_SECONDS = 0.05
#: Conversations that are looked at: whatever changes is among the latest.
LOOKED_AT = 300
#: Between two lines that keep a connection open through proxies, in seconds.
BEAT_SECONDS = 20.0

Changes = dict[str, int]


@dataclass(eq=False, slots=True)
class OpenPage:
    """A page, and what it has not heard of: each conversation once, however slowly it reads."""

    #: of its session
    secret: str
    #: rows of the list by the keys that the page knows; None: the person was erased
    rows: dict[str, JsonObject | None] = field(default_factory=dict)
    counts: JsonObject = field(default_factory=dict)
    #: who looks at it; None once the session has ended
    reader: Operator | None = None
    is_news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: News) -> None:
        """Note what changed."""
        self.reader = news.readers.get(self.secret)
        if self.reader is not None:
            self.rows.update({one["key"]: one for one in news.rows_for(self.reader)})
            self.rows.update(dict.fromkeys(news.gone_for(self.reader)))
            self.counts = news.counts_for(self.reader)
        self.is_news.set()

    async def hear(self) -> JsonObject | None:
        """Return what changed, as the page gets it; None if nothing did in `BEAT_SECONDS`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_news.wait(), BEAT_SECONDS)
        if not self.is_news.is_set():
            return None
        rows = [one for one in self.rows.values() if one is not None]
        gone = [key for key, one in self.rows.items() if one is None]
        self.rows.clear()
        self.is_news.clear()
        return {"rows": rows, "gone": gone, **self.counts}


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
        self, secret: str, see: Callable[[Operator], Awaitable[None]]
    ) -> AsyncGenerator[str, None]:
        """Yield server-sent events for the page of a session, which end with the session.

        `see` notes that a page of an operator is open.
        """
        page = OpenPage(secret)
        if self._task is None:
            known = await self._latest()
            self._task = self._task or asyncio.create_task(self._look(known))
        self._pages.add(page)
        try:
            yield "retry: 1000\n\n"
            while True:
                heard = await page.hear()
                if heard is None:
                    page.reader = (await self._news([page])).readers.get(secret)
                if page.reader is None:
                    return
                await see(page.reader)
                yield f"data: {json.dumps(heard)}\n\n" if heard else ": still here\n\n"
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
                changed = [key for key, rev in now.items() if known.get(key) != rev]
                vanished = sorted(known.keys() - now.keys())
                pages = list(self._pages)
                if changed or vanished:
                    news = await self._news(pages, changed, vanished)
                    for page in pages if changed or news.gone else ():
                        page.tell(news)
                known = now

    async def _latest(self) -> Changes:
        return await self._database.reader.run(lambda c, _: latest_changes(c, LOOKED_AT))

    async def _news(
        self, pages: Sequence[OpenPage], changed: Sequence[str] = (), vanished: Sequence[str] = ()
    ) -> News:
        secrets = {page.secret for page in pages}
        read = partial(read_news, changed=changed, vanished=vanished, secrets=secrets)
        return await self._database.reader.run(read)
