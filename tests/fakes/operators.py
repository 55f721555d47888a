"""Operators at their emulated Airtable, beside a town."""

from typing import Any

from tests.fakes.bot import ANA, BotHarness

from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.tables import Record
from emulator.airtable.testing import AirtableDouble
from emulator.airtable.workspace import Trouble

BUSY = AirtableRefusal(503, "SERVICE_UNAVAILABLE")
#: The time in which a confirmed erasure can be undone, in seconds.
ERASURE_GRACE_SECONDS = 3600


def contact(airtable: AirtableDouble, who: str = ANA) -> dict[str, Any]:
    """The cells of a person, by the names of their fields."""
    [row] = [one for one in airtable.rows("Contacts") if one["Phone"] == f"+{who}"]
    return row


def record(airtable: AirtableDouble, who: str = ANA) -> Record:
    table = airtable.table("Contacts")
    phone = table.field("Phone").id
    return next(one for one in table.records.values() if one.cells[phone] == f"+{who}")


def record_of(airtable: AirtableDouble, table: str) -> Record:
    """The newest record of a table."""
    return list(airtable.table(table).records.values())[-1]


def write(airtable: AirtableDouble, name: str, **cells: Any) -> Record:
    """An operator adds a record, by the names of its fields (with _ for spaces)."""
    table = airtable.table(name)
    given = {key.replace("_", " "): value for key, value in cells.items()}
    read = table.read(given, typecast=True)
    return airtable.bases.create(airtable.config.base_id, table, read, "client")


async def erase(town: BotHarness, airtable: AirtableDouble, who: Record | str = ANA) -> None:
    """An operator asks for an erasure and confirms it; the hour of grace passes."""
    found = record(airtable, who) if isinstance(who, str) else who
    airtable.edit("Contacts", found, Erase_requested=True, Confirm_erasure=True)
    await sync(town)
    await town.wait(ERASURE_GRACE_SECONDS)
    await sync(town)


async def sync(town: BotHarness) -> None:
    """Let the console have its next turns."""
    await town.wait(1)
    await town.wait(1)


class OneRefused(Trouble):
    """Of the requests from now on, the one with this number is refused and no other."""

    def __init__(self, number: int, refusal: AirtableRefusal = BUSY) -> None:
        super().__init__(refusal)
        self._before = number

    async def meet(self) -> None:
        self._before -= 1
        if self._before == 0:
            await super().meet()

    @property
    def was_met(self) -> bool:
        return self._before <= 0
