"""Who is who: one key per person, whichever of their identifiers a webhook carries."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from domain.inbound import Sender
from storage.database import insert
from storage.group_commit import GroupCommit, Work
from storage.users import PROFILE_FIELDS, user

#: People whose key is kept in memory; the database knows the rest.
REMEMBERED = 20_000

#: The fields that a person keeps when two rows turn out to be one.
_INHERITED = (*sorted(PROFILE_FIELDS), "language", "opted_out_at", "profile_name")


@dataclass(frozen=True, slots=True)
class _Known:
    """Enough to see that a message brings nothing new about a person."""

    key: str
    wa_id: str | None
    profile_name: str | None


class Identities:
    """Finds or makes the key of each sender. The key is what lanes are named after.

    A person is found by their user id, else by their `wa_id`; when both appear together they
    are linked (Meta: webhooks of people with a username carry no phone number).
    """

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._remembered: OrderedDict[str, _Known] = OrderedDict()

    async def resolve(self, senders: Sequence[Sender]) -> list[str]:
        """One key per sender, in order. A sender without any identifier is a ValueError."""
        keys = {sender: self._recall(sender) for sender in senders}
        unknown = [sender for sender, key in keys.items() if key is None]
        if unknown:
            found = await self._database.submit(
                Work(lambda connection, _: [_resolve(connection, one) for one in unknown])
            )
            for sender, found_key in zip(unknown, found, strict=True):
                keys[sender] = found_key
                self._remember(sender, found_key)
        return [key for sender in senders if (key := keys[sender]) is not None]

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
            self._remembered[sender.user_id] = _Known(key, sender.wa_id, sender.profile_name)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)


def _resolve(connection: Connection, sender: Sender) -> str:
    ids = [one for one in (sender.user_id, sender.previous_user_id) if one is not None]
    if not ids and sender.wa_id is None:
        raise ValueError("a sender needs a user_id or a wa_id")
    by_id = _find(connection, user.c.user_id.in_(ids)) if ids else None
    by_phone = _find(connection, user.c.wa_id == sender.wa_id) if sender.wa_id else None
    found = by_id or by_phone
    if found is None:
        return _add(connection, sender)
    if by_id is not None and by_phone is not None and by_id.key != by_phone.key:
        _absorb(connection, into=by_id.key, other=by_phone)
    _link(connection, found, sender)
    return str(found.key)


def _find(connection: Connection, condition: Any) -> Any:
    return connection.execute(select(user).where(condition).limit(1)).one_or_none()


def _add(connection: Connection, sender: Sender) -> str:
    key = sender.user_id or sender.wa_id
    assert key is not None
    row = {"key": key, "user_id": sender.user_id, "wa_id": sender.wa_id}
    new = insert(connection, user).values(profile_name=sender.profile_name, **row)
    connection.execute(new.on_conflict_do_nothing())
    # Another process may have met this person in the same moment, under either identifier.
    met = [user.c[name] == value for name, value in row.items() if value is not None]
    return str(connection.execute(select(user.c.key).where(or_(*met)).limit(1)).scalar_one())


def _absorb(connection: Connection, *, into: str, other: Any) -> None:
    """Two rows are one person: what only the other knew moves over, and its phone number too."""
    connection.execute(update(user).where(user.c.key == other.key).values(wa_id=None))
    inherited = {
        name: func.coalesce(user.c[name], getattr(other, name))
        for name in _INHERITED
        if getattr(other, name) is not None
    }
    if inherited:
        connection.execute(update(user).where(user.c.key == into).values(inherited))


def _link(connection: Connection, found: Any, sender: Sender) -> None:
    news = {
        name: value
        for name in ("user_id", "wa_id", "profile_name")
        if (value := getattr(sender, name)) is not None and value != getattr(found, name)
    }
    if news:
        connection.execute(update(user).where(user.c.key == found.key).values(news))
