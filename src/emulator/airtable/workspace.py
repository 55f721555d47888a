"""Everything that the emulated Airtable keeps."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from emulator.airtable.bases import Bases
from emulator.airtable.changes import WebhookSubscriptions
from emulator.airtable.config import AirtableConfig
from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.limits import RequestLimits

#: Scopes that a token needs.
SCOPES = (
    "data.records:read",
    "data.records:write",
    "schema.bases:read",
    "schema.bases:write",
    "webhook:manage",
)


@dataclass(slots=True)
class Trouble:
    """What every request meets, until it is over."""

    refusal: AirtableRefusal | None = None
    #: seconds that every answer takes
    seconds: float = 0.0

    async def meet(self) -> None:
        await asyncio.sleep(self.seconds)
        if self.refusal is not None:
            raise AirtableRefusal(self.refusal.status, self.refusal.kind, self.refusal.message)


class Workspace:
    """State of the emulator. `clock` gives seconds since 1970."""

    def __init__(self, config: AirtableConfig, *, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.clock = clock
        self.bases = Bases(clock, config.file)
        self.bases.add(config.base_id, "Emulated base")
        self.webhooks = WebhookSubscriptions(self.bases, clock)
        self.limits = RequestLimits(
            per_second=config.per_second, per_month=config.per_month, clock=clock
        )
        self.trouble = Trouble()
        self.scopes: tuple[str, ...] = SCOPES
