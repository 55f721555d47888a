"""The engine, for code that knows a call by Meta's id: the engine knows ours."""

from asyncio import Queue
from dataclasses import dataclass

from features.calls.engine_port import CallEvent, Engine
from features.calls.protocol import Configure, Order


@dataclass(frozen=True, slots=True)
class NamedEngine:
    """Gives all orders to one call."""

    engine: Engine
    #: Its name in the engine.
    name: str

    @property
    def is_up(self) -> bool:
        """Whether the engine can take calls."""
        return self.engine.is_up

    async def send(self, order: Order) -> None:
        """Give an order to the call. Raises EngineGone."""
        if not isinstance(order, Configure):
            order = order.model_copy(update={"call": self.name})
        await self.engine.send(order)

    def route(self, call: str, events: "Queue[CallEvent]") -> None:
        """Have the reports about the call put there."""
        self.engine.route(self.name, events)

    def unroute(self, call: str) -> None:
        """Forget the call."""
        self.engine.unroute(self.name)
