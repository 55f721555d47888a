"""The emulated Airtable inside a test: on a port, since its clients are blocking."""

from typing import Any

from starlette.applications import Starlette

from emulator.airtable.app import PREFIX, airtable_routes
from emulator.airtable.config import AirtableConfig
from emulator.airtable.tables import Record, Table
from emulator.airtable.workspace import Workspace
from emulator.clock import SteppedClock
from emulator.loopback import LoopbackServer


class AirtableDouble:
    """Airtable, as a test needs it: strict, and all of it at hand.

    `clock` stands still, so there is no limit per second unless `config` sets one.
    """

    def __init__(self, config: AirtableConfig | None = None) -> None:
        self.config = config or AirtableConfig(per_second=0)
        self.clock = SteppedClock()
        self.workspace = Workspace(self.config, clock=lambda: self.clock.now)
        self.bases = self.workspace.bases
        self.url = ""

    async def start(self) -> None:
        self._server = LoopbackServer(Starlette(routes=airtable_routes(self.workspace)))
        await self._server.start()
        self.url = f"{self._server.url}{PREFIX}"

    async def stop(self) -> None:
        await self._server.stop()

    def table(self, name: str) -> Table:
        return self.bases.table(self.config.base_id, name)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The records of a table, by the names of their fields.

        Empty cells are left out, and so are links that were made from the other side.
        """
        table = self.table(name)
        fields = [one for one in table.fields if not one.is_inverse]
        return [
            {field.name: one.cells[field.id] for field in fields if field.id in one.cells}
            for one in table.records.values()
        ]

    def edit(self, name: str, record: Record, **cells: Any) -> None:
        """A person changes some cells, by the names of their fields (with _ for spaces)."""
        table = self.table(name)
        given = {key.replace("_", " "): value for key, value in cells.items()}
        read = table.read(given, typecast=True)
        self.bases.update(self.config.base_id, table, record, read, "client")
