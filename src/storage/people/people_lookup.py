"""Who a sender is: the rows of people, found by any identifier, linked, merged or kept apart.

The rules for numbers that change hands are in docs/decisions/0014.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Select, Text, bindparam, func, select, update

from domain.inbound import Sender
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import insert_for
from storage.people.known_person import KnownPerson
from storage.person_table import merge_users
from storage.tables.users import user

_PERSON = (user.c.key, user.c.user_id, user.c.wa_id, user.c.profile_name, user.c.seen_at)


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


@CompiledStatement
def _add_former(dialect: str) -> Insert:
    """Leave an empty row under a user id that Meta replaced, which leads to its person."""
    names = ("key", "merged_into")
    new = insert_for(dialect, user).values({name: bindparam(name) for name in names})
    return new.on_conflict_do_nothing()


class People:
    """The rows of some senders, fetched at once; news about them are stored."""

    def __init__(self, connection: Connection, senders: Iterable[Sender], now: datetime) -> None:
        self._connection = connection
        self._now = now
        wanted = list(senders)
        self._by_user_id: dict[str, KnownPerson] = {}
        self._by_wa_id: dict[str, KnownPerson] = {}
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
        before = self._by_user_id.get(sender.previous_user_id or "")
        if before is not None and before.key != found.key:
            self._merge(before, found)  # they wrote under the new id before Meta told us
        by_phone = self._by_wa_id.get(sender.wa_id or "")
        if by_phone is not None and by_phone.key not in (found.key, before and before.key):
            self._take_phone(by_phone, found, sender)
        self._link(found, sender)
        return found.key

    def _take_phone(self, before: KnownPerson, found: KnownPerson, sender: Sender) -> None:
        named = replace(sender, profile_name=sender.profile_name or found.profile_name)
        if before.user_id is None and not before.has_lost_number_to(named, self._now):
            self._merge(before, found)
        else:  # two people: a number was given to somebody else
            self._release_phone(before)

    def _merge(self, before: KnownPerson, found: KnownPerson) -> None:
        merge_users(self._connection, into=found.key, other=before.key)
        self._note_former(before.user_id, found.key)

    def _release_phone(self, before: KnownPerson) -> None:
        """Put a person aside whose number is another one's; what is known of them stays theirs."""
        lost = update(user).where(user.c.key == before.key).values(wa_id=None)
        self._connection.execute(lost)
        self._by_wa_id.pop(before.wa_id or "", None)

    def _note_former(self, user_id: str | None, key: str) -> None:
        if user_id is not None:
            _add_former.run(self._connection, key=user_id, merged_into=key)

    def _find(self, sender: Sender) -> KnownPerson | None:
        known = (sender.user_id, sender.previous_user_id)
        if found := next((self._by_user_id[one] for one in known if one in self._by_user_id), None):
            return found
        if moved := self._by_wa_id.get(sender.previous_wa_id or ""):
            return moved  # Meta tells that this number is theirs no more
        holder = self._by_wa_id.get(sender.wa_id or "")
        is_theirs = holder is not None and not holder.has_lost_number_to(sender, self._now)
        return holder if is_theirs else None

    def _fetch(self, senders: Sequence[Sender]) -> None:
        user_ids = {id for one in senders for id in (one.user_id, one.previous_user_id) if id}
        wa_ids = {id for one in senders for id in (one.wa_id, one.previous_wa_id) if id}
        for query, ids in ((_by_user_id, user_ids), (_by_wa_id, wa_ids)):
            if ids:
                for row in query.fetch(self._connection, ids=as_list(ids)):
                    self._keep(KnownPerson(*row))

    def _fetch_former(self, strangers: Sequence[Sender]) -> None:
        ids = {id for one in strangers for id in (one.user_id, one.wa_id) if id}
        found = _by_key.fetch(self._connection, ids=as_list(ids))
        self._former = dict(map(tuple, found))

    def _keep(self, person: KnownPerson) -> None:
        if person.user_id is not None:
            self._by_user_id[person.user_id] = person
        if person.wa_id is not None:
            self._by_wa_id[person.wa_id] = person

    def _add(self, strangers: Sequence[Sender]) -> None:
        for one in strangers:
            if (before := self._by_wa_id.get(one.wa_id or "")) is not None:
                self._release_phone(before)
        rows = [
            {
                "key": self._new_key(one),
                "user_id": one.user_id,
                "wa_id": one.wa_id,
                "profile_name": one.profile_name,
                "seen_at": self._now,
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

    def _link(self, found: KnownPerson, sender: Sender) -> None:
        news: dict[str, Any] = {
            name: value
            for name in ("user_id", "wa_id", "profile_name")
            if (value := getattr(sender, name)) is not None and value != getattr(found, name)
        }
        if found.user_id is not None and news.get("user_id") == found.key:
            del news["user_id"]  # they had this one before: the webhook is late
        if "user_id" in news:
            self._note_former(found.user_id, found.key)
        if found.is_stale(self._now):
            news["seen_at"] = self._now
        if news:
            self._connection.execute(update(user).where(user.c.key == found.key).values(news))
