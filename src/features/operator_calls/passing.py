"""Passes on what operators want to the calls of this process, and notes what became of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loguru import logger
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from features.calls.carrying import CarriedCalls
from features.calls.operators import OperatorJoins, OperatorWishes, Wish
from features.calls.tables import CallRow
from features.inbox.tables import messages, threads
from features.inbox.tables.messages import NOTE
from features.operator_calls import presence, tables
from features.operator_calls.tables import LegState
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes

#: Pause between two looks for what operators want in other processes, in seconds.
LOOK_SECONDS = 0.25
#: How long a caller waits for an operator.
PATIENCE = timedelta(seconds=25)


@dataclass(slots=True)
class OperatorsOfCalls:
    """The operators, as the calls of this process know them: `calls.operators.CallOperators`."""

    database: GroupCommit
    calls: CarriedCalls
    clock: Callable[[], datetime]
    patience: timedelta = PATIENCE
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Note that an operator of this process wants something."""
        self._news.set()

    async def follow(self) -> None:
        """Pass on what operators want until this is cancelled."""
        is_alone = self.database.url.get_backend_name() == "sqlite"
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), None if is_alone else LOOK_SECONDS)
            self._news.clear()
            with suppress(SQLAlchemyError, OSError):  # a later look finds it
                await self.pass_on()

    async def pass_on(self) -> None:
        """Pass on what is new for the calls of this process."""
        if not (live := list(self.calls.live)):
            return
        found = await self.database.submit(Transaction(lambda c, _: tables.take_news(c, live)))
        for one in found:
            if one.offer is not None:
                self.calls.tell(one.call_id, OperatorJoins(one.id, one.offer))
            if one.wish is not None:
                self.calls.tell(one.call_id, OperatorWishes(one.id, Wish(one.wish)))

    async def are_there(self) -> bool:
        """Return whether an operator could take a call now."""
        now = self.clock()
        try:
            return await self.database.reader.run(lambda c, _: presence.are_there(c, now))
        except (SQLAlchemyError, OSError):
            return False

    async def want(self, row: CallRow) -> None:
        """Let operators see that a caller waits for one of them."""
        at, leg = self.clock(), _waiting(row)

        def write(connection: Connection) -> None:
            tables.add(connection, leg, row.id, row.user_key, LegState.WANTED, at)
            execute_writes(connection, [threads.change(row.user_key)])  # pages hear of it at once

        await self._write(write)

    async def forget(self, row: CallRow) -> None:
        """Let operators see that a caller waits no longer."""
        leg = _waiting(row)
        await self._write(lambda connection: tables.remove(connection, leg))

    async def answer(self, leg: str, sdp: str) -> None:
        """Give the browser of an operator the SDP answer."""
        await self._write(lambda c: tables.change(c, leg, {"answer": sdp}))

    async def talk(self, leg: str) -> None:
        """Note that an operator and the caller hear each other."""
        now = {"state": LegState.TALKING.value, "joined_at": self.clock(), "answer": None}
        await self._write(lambda c: tables.change(c, leg, now))

    async def leave(self, leg: str) -> None:
        """Note that an operator is not in a call, and in the conversation how long they talked."""
        now = self.clock()

        def write(connection: Connection) -> None:
            row = tables.find(connection, leg)
            ended = {"state": LegState.ENDED.value, "left_at": now, "offer": None, "answer": None}
            if not tables.change(connection, leg, ended) or row is None or row.joined_at is None:
                return
            seconds = max(1, round((now - row.joined_at).total_seconds()))
            note = messages.add(
                f"call_leg:{leg}",
                user_key=row.user_key,
                direction=NOTE,
                kind="note",
                text=f"📞 Talked on the phone for {seconds} s.",
                at=now,
                author=row.operator,
            )
            execute_writes(connection, [note, threads.change(row.user_key)])

        await self._write(write)

    async def _write(self, write: Callable[[Connection], object]) -> None:
        """Write to the database; without it, the call goes on."""
        try:
            await self.database.submit(Transaction(lambda connection, _: write(connection)))
        except (SQLAlchemyError, OSError) as error:
            logger.warning("what an operator does in a call is not noted: {}", type(error).__name__)


def _waiting(row: CallRow) -> str:
    return f"waits:{row.id}"
