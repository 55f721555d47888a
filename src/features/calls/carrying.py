"""The calls that this process has: whoever handles an event of one finds it here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from loguru import logger

from features.calls.call_events import CallEvents
from features.calls.engine_port import CallEvent, Drain, HungUp
from features.calls.states import End

#: Longest wait for the goodbyes of all calls when the process stops, in seconds.
DRAIN_SECONDS = 6.0


class Carried(Protocol):
    """A call that goes on."""

    @property
    def events(self) -> CallEvents:
        """What happens to it."""
        ...

    async def run(self) -> End:
        """Carry the call until it ends."""
        ...


@dataclass(slots=True)
class CarriedCalls:
    """Runs calls, and leads events to them."""

    #: Told of each end.
    ended: Callable[[End], None]
    #: The calls by Meta's id.
    live: dict[str, Carried] = field(default_factory=dict)
    _tasks: dict[asyncio.Task[None], Carried] = field(default_factory=dict)

    def carry(self, call: Carried, name: str | None = None) -> None:
        """Run a call until it ends; one of ours gets its name (`name_call`) from Meta."""
        if name is not None:
            self.live[name] = call
        task = asyncio.create_task(self._run(call))
        self._tasks[task] = call
        task.add_done_callback(self._forget)

    def name_call(self, call: Carried, name: str) -> None:
        """Lead events to a call from now on, by the id that Meta gave it."""
        self.live[name] = call

    def tell(self, name: str, event: CallEvent) -> bool:
        """Tell a call that something happened. Return whether this process has it."""
        if (call := self.live.get(name)) is None:
            return False
        call.events.queue.put_nowait(event)
        return True

    def hung_up(self, name: str) -> None:
        """Have a call of this process end: it is over at Meta."""
        self.tell(name, HungUp())

    async def drain(self, patience: timedelta) -> None:
        """Let calls go on for a while, then say goodbye, and end them."""
        if not self._tasks:
            return
        if patience:
            await asyncio.wait(self._tasks, timeout=patience.total_seconds())
        for call in list(self._tasks.values()):
            call.events.queue.put_nowait(Drain())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)

    async def settled(self) -> None:
        """Wait until no call goes on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _run(self, call: Carried) -> None:
        try:
            self.ended(await call.run())
        except Exception as error:  # noqa: BLE001 - other calls go on; the row is an orphan's
            logger.opt(exception=error).error("a call broke off")

    def _forget(self, task: asyncio.Task[Any]) -> None:
        call = self._tasks.pop(task)
        for name in [name for name, one in self.live.items() if one is call]:
            del self.live[name]
