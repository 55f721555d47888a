"""Replies that operators use again and again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from domain.json import JsonObject
from features.inbox.conversation import ActRefused
from features.inbox.operators import Operator
from features.inbox.tables.saved_replies import inbox_saved_reply
from storage.engine.database import insert
from storage.engine.group_commit import GroupCommit, Transaction

#: Most replies that are kept: more than anybody finds something in.
MAX_REPLIES = 500


@dataclass(frozen=True, slots=True)
class SavedReplies:
    """Keeps replies by their names; all operators share them."""

    database: GroupCommit

    async def all(self) -> Sequence[JsonObject]:
        """Return all replies by their names."""
        of = inbox_saved_reply.c
        query = select(of.name, of.text).order_by(of.name).limit(MAX_REPLIES)
        rows = await self.database.reader.run(lambda c, _: c.execute(query).all())
        return [{"name": name, "text": text} for name, text in rows]

    async def save(self, operator: Operator, name: str, text: str) -> None:
        """Keep a reply under a name, in place of one that is there. Raise ActRefused."""
        name = " ".join(name.split())
        if not name or not text.strip():
            raise ActRefused("A saved reply needs a name and a text.")

        def store(connection: Connection, now: float) -> None:
            values = {"text": text, "changed_by": operator.name, "changed_at": now}
            new = insert(connection, inbox_saved_reply).values(name=name, **values)
            of = inbox_saved_reply.c
            connection.execute(new.on_conflict_do_update(index_elements=[of.name], set_=values))

        await self.database.submit(Transaction(store))

    async def remove(self, name: str) -> None:
        """Keep a reply no longer."""
        is_it = inbox_saved_reply.c.name == name
        gone = delete(inbox_saved_reply).where(is_it)
        await self.database.submit(Transaction(lambda c, _: c.execute(gone)))
