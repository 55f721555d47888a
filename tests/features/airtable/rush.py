"""A rush of registrations and bookings, while Airtable is away and the bot is killed.

`PYTHONPATH=src python -m tests.features.airtable.rush` plays it with 1,000 people.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.fakes.bot import BotHarness
from tests.fakes.fork import add_flow, of_the_readme
from tests.fakes.operators import BUSY

from domain.user import User
from emulator.airtable.config import AirtableConfig
from emulator.airtable.testing import AirtableDouble
from emulator.airtable.workspace import Trouble
from features.airtable.tables import contacts as desk
from flow_engine import Flow
from jobs.job_queue import JobQueue
from storage.engine.group_commit import Transaction
from storage.tables import records, users
from storage.tables.users import Users

#: Steps in which people register within a minute, and the time between them.
STEPS, STEP_SECONDS = 10, 6
#: Time for which Airtable is away, and between two looks at it.
AWAY_SECONDS, LOOK_SECONDS = 600, 30
#: Time after which the work of a killed process is taken up again.
LEASE_SECONDS = 120
CORRECTED = "Maria Corrected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is in Airtable in the end."""

    contacts: list[str]
    #: the contact and the key of each booking
    bookings: list[tuple[str, str]]
    corrected: str | None
    busiest_second: int
    refused: int
    #: time from the first registration to the last booking in Airtable, with all interruptions
    seconds: float


class KillAfter(Trouble):
    """Counts requests: once there were some, the bot is killed before Airtable's next answer."""

    def __init__(self, requests: int) -> None:
        super().__init__()
        self.is_due = asyncio.Event()
        self._left = requests

    async def meet(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.is_due.set()


class Rush:
    """People who register and book within a minute."""

    def __init__(self, town: BotHarness, airtable: AirtableDouble, people: int) -> None:
        self.town = town
        self.airtable = airtable
        self.people = people
        town.sleep = self._sleep

    async def play(self) -> Outcome:
        """Play everything until Airtable has it all."""
        await self.town.start()
        await self.town.settle()
        began = self.town.clock.now
        for step in range(STEPS):
            await self._register(range(step, self.people, STEPS))
            if step in (3, 6):
                await self._kill(after=2)
            await self.town.wait(STEP_SECONDS)
            if step == 4:
                await self._be_away()
        for _ in range(self.people + 100):
            if len(self.airtable.rows("Bookings")) >= self.people:
                break
            await self.town.wait(1)
        seconds = self.town.clock.now - began
        for _ in range(3):  # nothing comes twice afterwards
            await self.town.wait(60)
        return await self._outcome(seconds)

    async def _sleep(self, seconds: float) -> None:
        self.town.clock.advance(timedelta(seconds=seconds))

    async def _register(self, numbers: range) -> None:
        """Store what the last message of each form stores."""
        now = self.town.clock()
        for number in numbers:
            key = _wa_id(number)
            name = f"Person Number{number}"
            profile = {"full_name": name, "registered_at": now, "consent_at": now}
            booking = {"guests": number % 12 + 1, "day": "today"}
            writes = [
                users.add(User(key, wa_id=key, profile_name=name)),
                users.change(key, profile),
                desk.touch(key, phone_number_id="1", message="I am in", waits=True),
                records.add("bookings", booking, user_key=key, at=now),
            ]
            await JobQueue(self.town.database).enqueue([], writes)

    async def _be_away(self) -> None:
        """Airtable is away; an operator, whose page still works, corrects a name meanwhile."""
        table = self.airtable.table("Contacts")
        phone = table.field("Phone").id
        first = next(one for one in table.records.values() if one.cells[phone] == f"+{_wa_id(0)}")
        self.airtable.workspace.trouble = Trouble(BUSY)
        self.airtable.edit("Contacts", first, Full_name=CORRECTED)
        for _ in range(AWAY_SECONDS // LOOK_SECONDS):
            await self.town.wait(LOOK_SECONDS)
        self.airtable.workspace.trouble = Trouble()

    async def _kill(self, *, after: int) -> None:
        """Kill the bot while it waits for an answer of Airtable, and start it again."""
        trouble = self.airtable.workspace.trouble = KillAfter(after)
        self.town.clock.advance(timedelta(seconds=LOOK_SECONDS))
        working = asyncio.create_task(self.town.workers["airtable"].run_until_idle())
        due = asyncio.create_task(trouble.is_due.wait())
        await asyncio.wait((working, due), return_when=asyncio.FIRST_COMPLETED)
        assert due.done(), "there was nothing to kill"
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        self.airtable.workspace.trouble = Trouble()
        await self.town.restart()
        await self.town.wait(LEASE_SECONDS)

    async def _outcome(self, seconds: float) -> Outcome:
        limits = self.airtable.workspace.limits

        def written(_connection: Connection, _now: float) -> None:
            """Wait for what was submitted before."""

        await self.town.database.submit(Transaction(written))
        user = await Users(self.town.database).get(_wa_id(0))
        contacts, bookings = self.airtable.rows("Contacts"), self.airtable.rows("Bookings")
        return Outcome(
            [row["Key"] for row in contacts],
            [(row["Contact"][0], row["Record"]) for row in bookings],
            user.full_name,
            limits.busiest,
            limits.refused,
            seconds,
        )


def _wa_id(number: int) -> str:
    return f"57300{number:07}"


async def play(folder: Path, patch: pytest.MonkeyPatch, people: int) -> Outcome:
    """Play a rush with the README's booking, and an Airtable that allows 5 requests a second."""
    code, texts = of_the_readme("booking", "book")
    module: dict[str, Flow] = {}  # type: ignore[type-arg]
    exec(code, module)
    add_flow(patch, folder, module["booking"], texts)
    airtable = AirtableDouble(AirtableConfig(per_second=5))
    await airtable.start()
    town = BotHarness(folder, airtable=airtable)
    try:
        return await Rush(town, airtable, people).play()
    finally:
        await town.stop()
        await airtable.stop()


def main() -> None:
    """Print the figures of a rush of so many people."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began, computed = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        found = asyncio.run(play(Path(folder), patch, people))
    print(f"contacts: {len(found.contacts)}, different: {len(set(found.contacts))}")
    print(f"bookings: {len(found.bookings)}, different: {len(set(found.bookings))}")
    print(f"the correction: {found.corrected}")
    print(f"busiest second: {found.busiest_second} requests, {found.refused} refused")
    idle = AWAY_SECONDS + 2 * (LEASE_SECONDS + LOOK_SECONDS)
    print(f"in Airtable after {found.seconds:.0f} s; {idle} s of that away or killed")
    wall, cpu = time.perf_counter() - began, time.process_time() - computed
    print(f"played in {wall:.0f} s, {cpu:.0f} s of CPU")


if __name__ == "__main__":
    main()
