"""Starting people afresh while a bot is developed: by its own erasure, without a farewell."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import Connection, delete, select

from domain.user import User
from services.erasure import MAX_WAIT, Eraser, Erasure
from storage.engine.group_commit import Transaction
from storage.tables.suppressed import suppressed
from storage.tables.users import USER_COLUMNS, Users, user_of

#: How often, and at what intervals, work about a person may end before they are erased.
PATIENT_TRIES, PAUSE_SECONDS = 10, 0.2


class PeopleForgetter:
    """Erases people as operators do; nothing remembers that they were erased."""

    def __init__(
        self,
        eraser: Eraser,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._eraser = eraser
        self._database = eraser.database
        self._sleep = sleep

    async def forget(self, people: Sequence[str] | None) -> list[str]:
        """Erase the person of these identifiers, or everyone; return all their identifiers."""
        known = await self._everyone() if people is None else await self._find(people)
        for person in known:
            await self._erase(person)
        return [one for person in known for one in (person.wa_id, person.user_id) if one]

    async def _find(self, identifiers: Sequence[str]) -> list[User]:
        users = Users(self._database)
        found = [await users.find_by_identifier(one) for one in identifiers]
        return list({one.key: one for one in found if one is not None}.values())

    async def _everyone(self) -> list[User]:
        def read(connection: Connection, _now: float) -> list[User]:
            return [user_of(row) for row in connection.execute(select(*USER_COLUMNS))]

        return await self._database.submit(Transaction(read))

    async def _erase(self, person: User) -> None:
        began = self._database.clock()
        wanted = Erasure(person, began, farewell=(), phone_number_id="")
        for _ in range(PATIENT_TRIES):
            if await self._eraser.erase(wanted, now=began):
                break
            await self._sleep(PAUSE_SECONDS)
        else:  # work that does not end: what it decides is dropped
            await self._eraser.erase(wanted, now=began + MAX_WAIT)
        since = began.timestamp() - 1

        def welcome(connection: Connection, _now: float) -> None:
            connection.execute(delete(suppressed).where(suppressed.c.at >= since))

        await self._database.submit(Transaction(welcome))
