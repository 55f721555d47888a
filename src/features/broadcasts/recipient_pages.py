"""A page of people: who of them gets a broadcast, and why others do not."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from domain.user import User
from features.airtable.tables import contacts as desk
from features.airtable.tables.contact_reader import page as read_page
from features.airtable.tables.contacts import Contact
from features.broadcasts.audience import matches_tags, skip_reason
from features.broadcasts.state import BroadcastPlan
from features.templates.model import MARKETING
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
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


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the pages of one broadcast."""

    broadcast_id: str
    plan: BroadcastPlan
    #: Meta's, of its template
    category: str
    #: Why the message cannot be made for a person; None if it can.
    misfit: Callable[[User], str | None]

    def look_at(self, after: str, *, most: int, now: datetime) -> Transaction[Page]:
        """The people that follow a key."""
        return Transaction(lambda c, _: self._read(c, after, most, now))

    def claim(self, after: str, *, most: int, now: datetime) -> Transaction[Page]:
        """The same, to write to them: who gets marketing is noted before anybody else may look.

        Claimed once more, after a crash say, it is the same page.
        """
        if self.category != MARKETING:
            return self.look_at(after, most=most, now=now)
        return Transaction(lambda c, _: self._claimed(c, after, most, now))

    def _claimed(self, connection: Connection, after: str, most: int, now: datetime) -> Page:
        page = self._read(connection, after, most, now, locked=True)
        note = partial(desk.note_broadcast, broadcast_id=self.broadcast_id, at=now)
        execute_writes(connection, [note(row.user.key) for row in page.chosen])
        return page

    def _read(
        self, connection: Connection, after: str, most: int, now: datetime, *, locked: bool = False
    ) -> Page:
        rows = read_page(connection, after=after, most=most, locked=locked)
        meant = [row for row in rows if matches_tags(row.tag_names, self.plan)]
        erased = erasure.erased(connection, [row.user for row in meant])
        chosen, skipped = [], Counter[str]()
        for row in meant:
            was_erased = row.user.key in erased
            reason = skip_reason(row, self.broadcast_id, self.category, now, was_erased=was_erased)
            if reason := reason or self.misfit(row.user):
                skipped[reason] += 1
            else:
                chosen.append(row)
        return Page(chosen, skipped, rows[-1].user.key if len(rows) == most else None)
