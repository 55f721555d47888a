"""Identities: one key per person, under each of the identifiers that a webhook may carry."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from sqlalchemy import Connection

from domain.inbound import Sender
from storage.engine.group_commit import GroupCommit, Operation
from storage.people.known_person import KnownPerson
from storage.people.people_lookup import People

#: People whose keys are kept in memory; the database knows the rest.
MAX_REMEMBERED_PEOPLE = 20_000


class Identities:
    """Finds or makes the key of each sender; lanes are named after it.

    A person is found by their user id, else by their `wa_id`; when both appear together they
    are linked (Meta: webhooks of people with a username carry no phone number). A number that
    another person writes from is theirs from then on (docs/decisions/0014).
    """

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._remembered: OrderedDict[str, KnownPerson] = OrderedDict()

    async def resolve(self, senders: Sequence[Sender]) -> list[str]:
        """Return one key per sender, in order; ValueError if a sender has no identifier."""
        recalled = [self._recall(sender) for sender in senders]
        unknown = [one for one, key in zip(senders, recalled, strict=True) if key is None]
        found = await self._database.submit(_Resolve(unknown)) if unknown else {}
        for sender, key in found.items():
            self._remember(sender, key)
        return [key or found[one] for one, key in zip(senders, recalled, strict=True)]

    def _recall(self, sender: Sender) -> str | None:
        known = self._remembered.get(sender.user_id or "")
        if known is None or sender.previous_user_id is not None:
            return None
        if sender.wa_id not in (None, known.wa_id):
            return None
        if sender.profile_name not in (None, known.profile_name):
            return None
        if known.is_stale(self._database.clock()):
            return None
        self._remembered.move_to_end(sender.user_id or "")
        return known.key

    def _remember(self, sender: Sender, key: str) -> None:
        # A phone number alone may pass to another row when two rows turn out to be one person.
        if sender.user_id is not None:
            names = (sender.user_id, sender.wa_id, sender.profile_name)
            self._remembered[sender.user_id] = KnownPerson(key, *names, self._database.clock())
            while len(self._remembered) > MAX_REMEMBERED_PEOPLE:
                self._remembered.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Resolve(Operation[dict[Sender, str]]):
    """Looks up the keys of people that this process does not remember."""

    senders: Sequence[Sender]
    rank: ClassVar[int] = 3

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[dict[Sender, str]]:
        senders = {one for each in operations for one in each.senders}
        people = People(connection, senders, datetime.fromtimestamp(now, UTC))
        return [{one: people.key_of(one) for one in each.senders} for each in operations]
