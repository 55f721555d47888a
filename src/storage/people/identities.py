"""Identities: one key per person, under each of the identifiers that a webhook may carry."""

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, Insert, Select, Text, bindparam, func, select, update

from domain.inbound import Sender
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import insert_for
from storage.engine.group_commit import GroupCommit, Operation
from storage.person_table import merge_users
from storage.tables.users import user

#: People whose keys are kept in memory; the database knows the rest.
MAX_REMEMBERED_PEOPLE = 20_000


@dataclass(frozen=True, slots=True)
class _Person:
    """What WhatsApp says of the person of a row; a process remembers it, to see what is new."""

    key: str
    user_id: str | None
    wa_id: str | None
    profile_name: str | None


class Identities:
    """Finds or makes the key of each sender; lanes are named after it.

    A person is found by their user id, else by their `wa_id`; when both appear together they
    are linked (Meta: webhooks of people with a username carry no phone number).
    """

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._remembered: OrderedDict[str, _Person] = OrderedDict()

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
        self._remembered.move_to_end(sender.user_id or "")
        return known.key

    def _remember(self, sender: Sender, key: str) -> None:
        # A phone number alone may pass to another row when two rows turn out to be one person.
        if sender.user_id is not None:
            self._remembered[sender.user_id] = _Person(
                key, sender.user_id, sender.wa_id, sender.profile_name
            )
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
        people = _People(connection, {one for each in operations for one in each.senders})
        return [{one: people.key_of(one) for one in each.senders} for each in operations]


_PERSON = (user.c.key, user.c.user_id, user.c.wa_id, user.c.profile_name)


@CompiledStatement
def _by_user_id(dialect: str) -> Select[Any]:
    return select(*_PERSON).where(user.c.user_id.in_(listed(dialect, "ids", Text())))


@CompiledStatement
def _by_wa_id(dialect: str) -> Select[Any]:
    return select(*_PERSON).where(user.c.wa_id.in_(listed(dialect, "ids", Text())))


@CompiledStatement
def _by_key(dialect: str) -> Select[Any]:
    """(key, key of the person that it was merged into)."""
    whose = func.coalesce(user.c.merged_into, user.c.key)
    return select(user.c.key, whose).where(user.c.key.in_(listed(dialect, "ids", Text())))


@CompiledStatement
def _add_person(dialect: str) -> Insert:
    new = insert_for(dialect, user).values({one.name: bindparam(one.name) for one in _PERSON})
    return new.on_conflict_do_nothing()


class _People:
    """The rows of some senders, fetched at once; news about them are stored."""

    def __init__(self, connection: Connection, senders: Iterable[Sender]) -> None:
        self._connection = connection
        wanted = list(senders)
        self._by_user_id: dict[str, _Person] = {}
        self._by_wa_id: dict[str, _Person] = {}
        #: identifiers that are keys but belong to nobody any more -> the person of before
        self._former: dict[str, str] = {}
        self._fetch(wanted)
        if strangers := [one for one in wanted if self._find(one) is None]:
            self._fetch_former(strangers)
            self._add([one for one in strangers if one.user_id not in self._former])
            self._fetch(strangers)  # another process may have met them in the same moment

    def key_of(self, sender: Sender) -> str:
        found = self._find(sender)
        if found is None:
            # A webhook may come days late: of somebody whose user id has changed since.
            if sender.user_id in self._former:
                return self._former[sender.user_id]
            raise LookupError("a person was deleted while they were being looked up")
        by_phone = self._by_wa_id.get(sender.wa_id or "")
        if by_phone is not None and by_phone.key != found.key:
            self._take_phone(by_phone, found)
        _link(self._connection, found, sender)
        return found.key

    def _take_phone(self, before: _Person, found: _Person) -> None:
        if before.user_id is None:
            merge_users(self._connection, into=found.key, other=before.key)
        else:  # two people: a number was given to somebody else
            lost = update(user).where(user.c.key == before.key).values(wa_id=None)
            self._connection.execute(lost)

    def _find(self, sender: Sender) -> _Person | None:
        known = (sender.user_id, sender.previous_user_id)
        found = next((self._by_user_id[one] for one in known if one in self._by_user_id), None)
        return found or self._by_wa_id.get(sender.wa_id or "")

    def _fetch(self, senders: Sequence[Sender]) -> None:
        user_ids = {id for one in senders for id in (one.user_id, one.previous_user_id) if id}
        wa_ids = {one.wa_id for one in senders if one.wa_id}
        for query, ids in ((_by_user_id, user_ids), (_by_wa_id, wa_ids)):
            if ids:
                for row in query.fetch(self._connection, ids=as_list(ids)):
                    self._keep(_Person(*row))

    def _fetch_former(self, strangers: Sequence[Sender]) -> None:
        ids = {id for one in strangers for id in (one.user_id, one.wa_id) if id}
        found = _by_key.fetch(self._connection, ids=as_list(ids))
        self._former = dict(map(tuple, found))

    def _keep(self, person: _Person) -> None:
        if person.user_id is not None:
            self._by_user_id[person.user_id] = person
        if person.wa_id is not None:
            self._by_wa_id[person.wa_id] = person

    def _add(self, strangers: Sequence[Sender]) -> None:
        rows = [
            {
                "key": self._new_key(one),
                "user_id": one.user_id,
                "wa_id": one.wa_id,
                "profile_name": one.profile_name,
            }
            for one in sorted(strangers, key=lambda one: one.user_id or one.wa_id or "")
        ]
        _add_person.run_many(self._connection, rows)

    def _new_key(self, sender: Sender) -> str:
        """Return the sender's identifier, with a suffix if it is the key of another person."""
        key = sender.user_id or sender.wa_id
        if key is None:
            raise ValueError("a sender needs a user_id or a wa_id")
        return f"{key}.{secrets.token_hex(4)}" if key in self._former else key


def _link(connection: Connection, found: _Person, sender: Sender) -> None:
    news = {
        name: value
        for name in ("user_id", "wa_id", "profile_name")
        if (value := getattr(sender, name)) is not None and value != getattr(found, name)
    }
    if found.user_id is not None and news.get("user_id") == found.key:
        del news["user_id"]  # they had this one before: the webhook is late
    if news:
        connection.execute(update(user).where(user.c.key == found.key).values(news))
