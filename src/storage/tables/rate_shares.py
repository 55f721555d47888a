"""Shares of a rate limit that processes hold: how many sends each may begin in any window of time.

A process claims the most that it may begin in any window that has not ended, and the claims of all
never add up to more than the limit. So neither do the sends of any window, however long a process
stalls or an answer of the database takes. A claim ends once its last send is a whole window old.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from sqlalchemy import Connection, Double, Select, Text, Update, bindparam, select, update

from storage.engine.compiled import CompiledStatement
from storage.engine.group_commit import Operation
from storage.tables.rate_limits import budget, make_budget, next_free_at, times
from utils.elapsed import CLOCK_TOLERANCE_SECONDS

#: Time in which a share may be used without renewing it, in seconds.
VALID_SECONDS = 0.5
#: Part of a limit that is kept for a process that has no share yet: 1 of so many.
NEWCOMERS_PART = 200
#: Limits from which on something is kept.
MIN_LIMIT_WITH_NEWCOMERS = 20


class Claim(NamedTuple):
    """A share that a process may still use, or whose last sends still count."""

    owner: str
    sends: int
    #: What the process asked for.
    wanted: int
    #: In seconds since 1970, by the database's clock.
    until: float


class Share(NamedTuple):
    """How many sends a process may begin in any window, and from when on, in seconds."""

    sends: int
    after: float


@CompiledStatement
def _lock(dialect: str) -> Select[tuple[float, str | None]]:
    query = select(next_free_at, budget.c.claims).where(budget.c.name == bindparam("of"))
    return query.with_for_update()


@CompiledStatement
def _save(dialect: str) -> Update:
    """Store the claims, and the pause that is left: so it is cut once, if a clock was ahead."""
    claims, at = bindparam("new_claims", type_=Text), bindparam("at", type_=Double)
    until = bindparam("blocked_until", type_=Double)
    is_it = budget.c.name == bindparam("of")
    return update(budget).where(is_it).values(claims=claims, next_at=until, taken_at=at)


@dataclass(frozen=True, slots=True)
class TakeShare(Operation[Share]):
    """Takes or renews the share of a process: at most `limit` for all, in any `window` seconds."""

    name: str
    owner: str
    wanted: int
    #: Most sends of the process in any window that ends after it asked, until it gets its share.
    bound: int
    limit: int
    window: float
    rank: ClassVar[int] = 3

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[Share]:
        # In one order of names, so that processes never wait for each other.
        places = sorted(range(len(operations)), key=lambda place: operations[place].name)
        shares = {place: operations[place]._take(connection, now) for place in places}
        return [shares[place] for place in range(len(operations))]

    def _take(self, connection: Connection, now: float) -> Share:
        make_budget.run(connection, name=self.name, now=now)
        [[blocked_until, stored]] = _lock.fetch(connection, of=self.name, **times(now))
        after = max(0.0, float(blocked_until) - now)
        claims = [Claim(*claim) for claim in json.loads(stored or "[]")]
        count, kept = self.decide(claims, now, after=after)
        _save.run(
            connection,
            of=self.name,
            new_claims=json.dumps(kept),
            blocked_until=blocked_until,
            at=now,
        )
        return Share(count, after)

    def decide(
        self, claims: Sequence[Claim], now: float, *, after: float = 0.0
    ) -> tuple[int, list[Claim]]:
        """Return the share, usable from `after` on for VALID_SECONDS, and all claims from now."""
        latest = now + after + VALID_SECONDS + self.window + CLOCK_TOLERANCE_SECONDS
        # One that ends later was made by a clock that was ahead.
        claims = [claim for claim in claims if now < claim.until <= latest]
        others = [claim for claim in claims if claim.owner != self.owner]
        is_new = len(others) == len(claims)
        wanted = {claim.owner: claim.wanted for claim in others} | {self.owner: self.wanted}
        free = self._limit_for(is_new=is_new) - sum(claim.sends for claim in others)
        sends = max(0, min(fair_share(wanted, self.limit, self.owner), free))
        until = now + after + VALID_SECONDS + self.window
        mine = Claim(self.owner, max(sends, self.bound), self.wanted, until)
        return sends, [*others, mine]

    def _limit_for(self, *, is_new: bool) -> int:
        if is_new or self.limit < MIN_LIMIT_WITH_NEWCOMERS:
            return self.limit
        return self.limit - max(1, self.limit // NEWCOMERS_PART)


def fair_share(wanted: dict[str, int], limit: int, owner: str) -> int:
    """Return what one gets of a limit: whoever wants less than an equal part leaves the rest."""
    left = limit
    order = sorted(wanted, key=lambda name: (wanted[name], name))
    for place, name in enumerate(order):
        share = min(wanted[name], -(-left // (len(order) - place)))
        if name == owner:
            return share
        left -= share
    return 0
