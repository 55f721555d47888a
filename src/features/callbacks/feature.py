"""Callbacks: other systems are told by HTTP what happens in the bot."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from features.callbacks.delivery import Deliveries
from features.callbacks.endpoints import count_by_state
from features.callbacks.job_specs import CALLBACKS
from features.callbacks.listener import CallbackListener
from features.callbacks.poster import Poster
from features.callbacks.settings import CallbackSettings
from jobs.spec import HandledJob
from services.conversations.domain_events import EventListener
from services.feature import Feature, Parts
from utils.background import running_beside


class Callbacks(Feature):
    """Tells registered endpoints of messages, statuses, handoffs, records and templates."""

    name = "callbacks"
    summary = "other systems are told by signed HTTP requests what happens"
    page = "docs/callbacks.md"
    pools = (CALLBACKS,)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: CallbackSettings = parts.settings_of(CallbackSettings)
        self.listener = CallbackListener(parts.database, parts.clock)
        self.poster = Poster(allows_private=settings.callbacks_to_private_addresses)

    def listeners(self) -> Iterable[EventListener]:
        return (self.listener,)

    def jobs(self) -> Iterable[HandledJob]:
        parts = self.parts
        deliveries = Deliveries(
            parts.database,
            parts.queue,
            parts.context.extensions,
            self.poster,
            parts.metrics,
            parts.clock,
        )
        return (deliveries.handled(),)

    async def health(self) -> Mapping[str, str]:
        counts = await self.parts.database.reader.run(lambda c, _: count_by_state(c))
        failing = counts.pop("failing")
        if not counts:
            return {}
        shown = [f"{count} {state}" for state, count in sorted(counts.items())]
        return {"callbacks": ", ".join([*shown, f"{failing} failing"])}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        await self.listener.refresh()
        try:
            async with running_beside(self.listener.keep_up()):
                yield
        finally:
            await self.poster.close()


FEATURE = Callbacks
