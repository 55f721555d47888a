"""What Meta reports about a call of ours, as the process that has the call learns it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from features.calls import signals
from features.calls.call_events import CallEvents
from storage.engine.group_commit import GroupCommit, Transaction

#: Pause between two looks for what other processes were told, in seconds.
LOOK_SECONDS = 0.3
#: Looks for the id of a call whose `connect` was not answered.
MAX_LOOKS = 20


@dataclass(frozen=True, slots=True)
class SignalBox:
    """Takes what other processes leave."""

    database: GroupCommit
    sleep: Callable[[float], Awaitable[None]]

    async def watch(self, call: str, events: CallEvents) -> None:
        """Take what is left for a call until this is cancelled."""
        while True:
            if await self.database.reader.run(lambda c, _: signals.has_any(c, call)):
                taken = await self.database.submit(
                    Transaction(lambda connection, _: signals.take(connection, call))
                )
                for signal in taken:
                    events.queue.put_nowait(signal)
            await asyncio.sleep(LOOK_SECONDS)

    async def unnamed_call(self, user_key: str, since: datetime) -> str | None:
        """Return the id of a call that Meta answered, and that no row has; None without one."""
        for _ in range(MAX_LOOKS):
            found = await self.database.reader.run(
                lambda connection, _: signals.unnamed(connection, user_key, since)
            )
            if found is not None:
                return found
            await self.sleep(LOOK_SECONDS)
        return None
