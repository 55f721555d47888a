"""The operators as a team: who is there, who may sign in, what they see, and what they did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from domain.json import JsonObject
from features.inbox import masks, operators
from features.inbox.conversation import ActRefused
from features.inbox.operators import MAX_NAME_CHARS, OWNER_ID, Operator, Role
from features.inbox.tables.operators import HERE, inbox_audit
from storage.engine.database import insert
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import users
from utils.secret_hash import hash_of

#: Time between two notes that the page of an operator is open.
SEEN_EVERY = HERE / 3
#: Acts that the page lists.
MAX_AUDIT = 200
#: What pages do by themselves, and nobody has to know.
MARKED = "read"
#: What the audit has of who read a conversation, once an hour.
SAW = "saw"


@dataclass(frozen=True, slots=True)
class Staff:
    """Reads and changes what concerns all operators."""

    database: GroupCommit
    #: when it was last noted that a page is open, by operator
    _seen: dict[str, datetime] = field(default_factory=dict)

    async def see(self, operator: Operator, now: datetime) -> None:
        """Note that a page of an operator is open."""
        if operator.id == OWNER_ID or now - self._seen.get(operator.id, _LONG_AGO) < SEEN_EVERY:
            return
        self._seen[operator.id] = now
        await self.database.submit(
            Transaction(lambda c, at: operators.mark_seen(c, operator, _moment(at)))
        )

    async def set_away(self, operator: Operator, *, is_away: bool) -> None:
        """Note whether an operator wants no conversations for now."""
        await self.database.submit(
            Transaction(
                lambda c, at: operators.set_away(c, operator, _moment(at) if is_away else None)
            )
        )

    async def hide_numbers(self, operator: Operator, *, is_on: bool) -> None:
        """Hide the numbers of people from agents, or show them."""

        def change(connection: Connection, now: float) -> None:
            masks.set_hidden(connection, is_on=is_on)
            act = "hid numbers from agents" if is_on else "showed numbers to agents"
            operators.note(connection, operator, act, "", _moment(now))

        await self.database.submit(Transaction(change))

    async def invite(self, operator: Operator, name: str, role: Role) -> str:
        """Return the secret of a link for an operator, who may be there. Raise ActRefused."""
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_CHARS or name == operators.OWNER.name:
            raise ActRefused(f"A name has 1 to {MAX_NAME_CHARS} characters, and is not Owner.")

        def change(connection: Connection, now: float) -> str | None:
            known = operators.named(connection, name)
            if known is not None and known.role is not role:
                return None
            invited = known or operators.add(connection, name, role, _moment(now))
            operators.note(connection, operator, f"invited {name} as {role}", "", _moment(now))
            return operators.invite(connection, invited, _moment(now))

        secret = await self.database.submit(Transaction(change))
        if secret is None:
            raise ActRefused(f"{name} is there already, in another role. Remove them first.")
        return secret

    async def revoke(self, operator: Operator, name: str) -> None:
        """End all sessions of an operator, whose links work no more. Raise ActRefused."""

        def change(connection: Connection, now: float) -> bool:
            known = operators.named(connection, name)
            if known is not None:
                operators.revoke(connection, known, _moment(now))
                operators.note(connection, operator, f"removed {name}", "", _moment(now))
            return known is not None

        if not await self.database.submit(Transaction(change)):
            raise ActRefused(f"There is no operator {name}.")

    async def note_sight(self, operator: Operator, key: str, now: datetime) -> None:
        """Keep who read which conversation, unless that was noted within the hour."""

        def note(connection: Connection, _: float) -> None:
            person = users.people(connection, users.by_key, [key]).get(key)
            row = {"operator": operator.name, "act": SAW, "at": now}
            new = insert(connection, inbox_audit).values(
                **row, id=_sight_id(operator, key, now), user_key=person.key if person else key
            )
            connection.execute(new.on_conflict_do_nothing())

        await self.database.submit(Transaction(note))

    async def audit(self) -> Sequence[JsonObject]:
        """Return what operators did lately, the latest first."""
        return await self.database.reader.run(lambda c, _: audit(c))


def audit(connection: Connection) -> Sequence[JsonObject]:
    """Return what operators did lately, the latest first."""
    of = inbox_audit.c
    query = select(of.operator, of.act, of.user_key, of.at).where(of.act != MARKED)
    query = query.order_by(of.at.desc())
    return [
        {"operator": operator, "act": act, "key": key, "at": at.isoformat()}
        for operator, act, key, at in connection.execute(query.limit(MAX_AUDIT))
    ]


def has_seen(connection: Connection, operator: Operator, key: str, now: datetime) -> bool:
    """Return whether it is noted that an operator read a conversation within this hour."""
    is_it = inbox_audit.c.id == _sight_id(operator, key, now)
    return connection.scalar(select(inbox_audit.c.id).where(is_it)) is not None


def _sight_id(operator: Operator, key: str, now: datetime) -> str:
    return hash_of(f"{SAW}:{operator.id}:{key}:{now:%Y-%m-%d %H}")[:32]


_LONG_AGO = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
