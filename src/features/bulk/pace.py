"""The pace of bulk messages: half of what a number may send, shared by all who send.

Replies go beside them. Whoever releases a page is busy for the time that the page takes at their
share, and whoever else comes meanwhile gets the same share. A name can stand for anything: a
broadcast, a tenant.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Insert, bindparam, func, select

from features.bulk.tables import share
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.tables.rate_limits import slowdown

#: Messages of a page: so many are looked at together.
PAGE = 100
#: Part of what a number may send that bulk messages use.
SHARE = 0.5


@CompiledStatement
def _put(dialect: str) -> Insert:
    new = insert_for(dialect, share).values(
        key=bindparam("row_key"),
        number=bindparam("number"),
        busy_until=bindparam("busy_until", type_=UtcTimestamp),
    )
    return new.on_conflict_do_update(
        index_elements=["key"], set_={"busy_until": new.excluded.busy_until}
    )


def pause_after(count: int, per_second: float) -> timedelta:
    """Return the time that a number of messages takes if nobody else sends."""
    return timedelta(seconds=count / (per_second * SHARE))


@dataclass(frozen=True, slots=True)
class Turn:
    """What one sender may do: how long a page takes, at their share of the number's speed."""

    name: str
    number: str
    #: Messages a second.
    speed: float

    def pause_after(self, count: int) -> timedelta:
        """Return the time that a number of messages takes."""
        return timedelta(seconds=count / self.speed)

    def busy_until(self, at: datetime) -> Write:
        """Note that this sender's messages are on their way until then."""
        key = f"{self.number} {self.name}"
        return Write(_put, [{"row_key": key, "number": self.number, "busy_until": at}])


@dataclass(frozen=True, slots=True)
class BulkPace:
    """Divides the speed of one number."""

    database: GroupCommit
    number: str
    #: Messages a second that the number may send.
    per_second: float

    async def turn(self, name: str, now: datetime) -> Turn:
        """Return what a sender may do; half as much for each time that Meta refused lately."""

        def read(connection: Connection, db_now: float) -> float:
            part = slowdown(connection, db_now, self.number)
            others = count_others(connection, self.number, name, now)
            return self.per_second * SHARE * part / (1 + others)

        return Turn(name, self.number, await self.database.submit(Transaction(read)))


def count_others(connection: Connection, number: str, name: str, now: datetime) -> int:
    """Return how many others send from a number at the moment."""
    of = share.c
    others = (of.number == number, of.busy_until > now, of.key != f"{number} {name}")
    return connection.scalar(select(func.count()).select_from(share).where(*others)) or 0
