"""A page of people: who of them gets a broadcast, and why others do not."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from domain.user import User
from features.airtable.tables.contact_reader import page as read_page
from features.airtable.tables.contacts import Contact
from features.broadcasts.audience import HAD_MARKETING, matches_tags, skip_reason
from features.broadcasts.state import BroadcastPlan
from features.bulk import reach
from features.bulk.reach import Reach, Recipient
from features.templates.model import MARKETING
from storage.engine.group_commit import Transaction
from storage.people import erasure


@dataclass(frozen=True, slots=True)
class Page:
    """People in the order of their keys."""

    #: who gets the broadcast
    chosen: Sequence[Contact]
    #: who is meant and gets nothing, by the reason
    skipped: Counter[str]
    #: the key of the last one who was looked at; None if nobody is left
    last: str | None
    #: when the next one may be asked for, if Meta's limit of people is used up
    wait_until: datetime | None = None
    #: how much of that limit is used
    used: Reach | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the pages of one broadcast."""

    broadcast_id: str
    plan: BroadcastPlan
    #: Meta's, of its template
    category: str
    #: Why the message cannot be made for a person; None if it can.
    misfit: Callable[[User], str | None]
    #: Whose limit of people counts.
    portfolio: str = ""

    def look_at(self, after: str, *, most: int, now: datetime) -> Transaction[Page]:
        """The people that follow a key."""
        return Transaction(lambda c, _: self._page(self._read(c, after, most, now), most))

    def claim(self, after: str, *, most: int, now: datetime) -> Transaction[Page]:
        """The same, to write to them: they are counted before anybody else may look.

        Claimed once more, after a crash say, it is the same page.
        """
        return Transaction(lambda c, _: self._claimed(c, after, most, now))

    def _claimed(self, connection: Connection, after: str, most: int, now: datetime) -> Page:
        rows = self._read(connection, after, most, now)
        marketed_by = self.broadcast_id if self.category == MARKETING else None
        people = [Recipient(row.user, marketed_by) for row, reason in rows if reason is None]
        claimed = reach.claim(connection, self.portfolio, people, now)
        rows = [
            (row, HAD_MARKETING if row.user.key in claimed.marketed else reason)
            for row, reason in rows
        ]
        keys = [row.user.key for row, _ in rows]
        first = next((place for place, key in enumerate(keys) if key in claimed.waiting), None)
        if first is None:
            return replace(self._page(rows, most), used=claimed.reach)
        page = self._page(rows[:first], most)  # the next page begins with the first who waits
        last = keys[first - 1] if first else after
        return replace(page, last=last, wait_until=claimed.wait_until, used=claimed.reach)

    def _page(self, rows: Sequence[tuple[Contact, str | None]], most: int) -> Page:
        chosen = [row for row, reason in rows if reason is None]
        skipped = Counter(reason for _, reason in rows if reason)
        return Page(chosen, skipped, rows[-1][0].user.key if len(rows) == most else None)

    def _read(
        self, connection: Connection, after: str, most: int, now: datetime
    ) -> list[tuple[Contact, str | None]]:
        """Return people, and why they get nothing; "" for those who are not meant."""
        rows = read_page(connection, after=after, most=most)
        users = [row.user for row in rows]
        erased = erasure.erased(connection, users)
        people = [Recipient(user, self.broadcast_id) for user in users]
        known = reach.known(connection, {user.key for user in users})
        marketed = reach.marketed_among(known, people, now)
        return [(row, self._reason(row, erased, marketed)) for row in rows]

    def _reason(
        self, row: Contact, erased: Collection[str], marketed: Collection[str]
    ) -> str | None:
        if not matches_tags(row.tag_names, self.plan):
            return ""
        key = row.user.key
        reason = skip_reason(
            row, self.category, was_erased=key in erased, is_marketed=key in marketed
        )
        return reason or self.misfit(row.user)
