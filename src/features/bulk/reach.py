"""Meta's limit of people whom a business may write to first, and marketing within a day.

A portfolio may write to 250, 2,000, 10,000, 100,000 or any number of people within 24 hours whose
window is closed. Source: developers.facebook.com/docs/whatsapp/messaging-limits (October 2026).
A message counts here when it is released, so that what Meta does not deliver counts as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Insert, Integer, Select, Text, bindparam, func, select

from domain.user import User
from domain.window import window_closes_at
from features.bulk.tables import contact, limit
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp, insert, insert_for
from storage.engine.write import Write

#: Time for which a person counts.
DAY = timedelta(hours=24)
#: Part of the limit from which on operators are told.
TOLD_FROM = 0.8
#: Shortest time until somebody is looked at again who has to wait for the limit.
SHORTEST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is about to be written to."""

    user: User
    #: Id of the broadcast or the notification, for marketing; None for everything else.
    marketed_by: str | None = None


class KnownContact(NamedTuple):
    """What is known of somebody who was written to."""

    user_key: str
    reached_at: datetime | None
    marketed_at: datetime | None
    marketed_by: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people were written to first within a day, of how many."""

    count: int
    #: None: no limit is known.
    most: int | None

    @property
    def is_nearly_used(self) -> bool:
        """Whether operators should know."""
        return self.most is not None and self.count >= TOLD_FROM * self.most


@dataclass(frozen=True, slots=True)
class Claim:
    """Who of some people may be written to now."""

    #: Keys of those who have to wait for the limit.
    waiting: Collection[str]
    #: Keys of those who got marketing within a day.
    marketed: Collection[str]
    reach: Reach
    #: When those who wait may be asked for again.
    wait_until: datetime


_TIMES = ("reached_at", "marketed_at", "noted_at")


@CompiledStatement
def _put(dialect: str) -> Insert:
    times = {name: bindparam(name, type_=UtcTimestamp) for name in _TIMES}
    names: dict[str, Any] = {
        "portfolio": bindparam("portfolio"),
        "marketed_by": bindparam("marketed_by"),
    }
    new = insert_for(dialect, contact).values(user_key=bindparam("row_key"), **names, **times)
    known: dict[str, Any] = {
        name: func.coalesce(new.excluded[name], contact.c[name]) for name in (*_TIMES, *names)
    }
    return new.on_conflict_do_update(index_elements=["user_key"], set_=known)


@CompiledStatement
def _known(dialect: str) -> Select[Any]:
    columns = [contact.c[name] for name in KnownContact._fields]
    return select(*columns).where(contact.c.user_key.in_(listed(dialect, "keys", Text())))


@CompiledStatement
def _set_limit(dialect: str) -> Insert:
    new = insert_for(dialect, limit).values(
        portfolio=bindparam("row_key"),
        people=bindparam("people", type_=Integer),
        read_at=bindparam("read_at", type_=UtcTimestamp),
    )
    newer = {"people": new.excluded.people, "read_at": new.excluded.read_at}
    return new.on_conflict_do_update(index_elements=["portfolio"], set_=newer)


def claim(
    connection: Connection, portfolio: str, people: Sequence[Recipient], now: datetime
) -> Claim:
    """Count those who may be written to, in their order, so that nobody else takes their place.

    Claimed once more, after a crash say, it is the same.
    """
    most = _limit(connection, portfolio, now, locked=True)
    rows = known(connection, {one.user.key for one in people})
    got = marketed_among(rows, people, now)
    count = count_reached(connection, portfolio, now)
    waiting: set[str] = set()
    taken: list[dict[str, Any]] = []
    for one in people:
        key = one.user.key
        if key in got or key in waiting:
            continue
        is_counted = _is_within_a_day(rows[key].reached_at, now) if key in rows else False
        is_first = is_window_closed(one.user, now)
        if is_first and not is_counted:
            if most is not None and count >= most:
                waiting.add(key)
                continue
            count += 1
        taken.append(_row(portfolio, one, now, is_first=is_first or is_counted))
    _put.run_many(connection, sorted(taken, key=lambda row: row["row_key"]))
    until = _free_at(connection, portfolio, now) if waiting else now
    return Claim(waiting, got, Reach(count, most), until)


def known(connection: Connection, keys: Collection[str]) -> Mapping[str, KnownContact]:
    """Return what is known of these people, by their keys."""
    if not keys:
        return {}
    return {row[0]: KnownContact(*row) for row in _known.fetch(connection, keys=as_list(keys))}


def marketed(connection: Connection, keys: Collection[str], now: datetime) -> frozenset[str]:
    """Return the keys of the people who got marketing within a day, of whatever kind."""
    rows = known(connection, keys)
    return frozenset(key for key, row in rows.items() if _is_within_a_day(row.marketed_at, now))


def is_window_closed(person: User, now: datetime) -> bool:
    """Whether a message to them counts; it does if it is not known when they wrote."""
    closes_at = window_closes_at(person)
    return closes_at is None or now > closes_at


def marketed_among(
    rows: Mapping[str, KnownContact], people: Sequence[Recipient], now: datetime
) -> frozenset[str]:
    """Return the keys of those who got other marketing within a day."""
    return frozenset(
        one.user.key
        for one in people
        if one.marketed_by is not None
        and (row := rows.get(one.user.key)) is not None
        and _is_within_a_day(row.marketed_at, now)
        and row.marketed_by != one.marketed_by
    )


def reach(connection: Connection, portfolio: str, now: datetime) -> Reach:
    """Return how much of the limit is used."""
    most = _limit(connection, portfolio, now)
    return Reach(count_reached(connection, portfolio, now), most)


def count_reached(connection: Connection, portfolio: str, now: datetime) -> int:
    """Return how many people were written to first within a day."""
    is_recent = (contact.c.portfolio == portfolio, contact.c.reached_at > now - DAY)
    return connection.scalar(select(func.count()).select_from(contact).where(*is_recent)) or 0


def limit_is(portfolio: str, most: int | None, now: datetime) -> Write:
    """Note the limit; None for no limit."""
    return Write(_set_limit, [{"row_key": portfolio, "people": most, "read_at": now}])


def _limit(
    connection: Connection, portfolio: str, now: datetime, *, locked: bool = False
) -> int | None:
    query = select(limit.c.people).where(limit.c.portfolio == portfolio)
    if locked:  # one after the other: what one takes, the next one counts
        new = insert(connection, limit).values(portfolio=portfolio, people=None, read_at=now)
        connection.execute(new.on_conflict_do_nothing())
        query = query.with_for_update()
    return connection.scalar(query)


def _row(portfolio: str, one: Recipient, now: datetime, *, is_first: bool) -> dict[str, Any]:
    is_marketing = one.marketed_by is not None
    return {
        "row_key": one.user.key,
        "portfolio": portfolio,
        "reached_at": now if is_first else None,
        "marketed_at": now if is_marketing else None,
        "marketed_by": one.marketed_by,
        "noted_at": now,
    }


def _free_at(connection: Connection, portfolio: str, now: datetime) -> datetime:
    """Return when the first of those who count does so no longer."""
    is_recent = (contact.c.portfolio == portfolio, contact.c.reached_at > now - DAY)
    oldest = connection.scalar(select(func.min(contact.c.reached_at)).where(*is_recent))
    return max(now + SHORTEST_WAIT, (oldest or now - DAY) + DAY)


def _is_within_a_day(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < DAY
