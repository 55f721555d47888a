"""Erases people for operators."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from features.inbox import operators
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused
from features.inbox.masks import SHOWS_ALL
from features.inbox.operators import Operator
from jobs.job_queue import Decision
from services.conversations.decisions import NOTHING, all_of
from services.erasure import Eraser, Erasure
from services.parts import Parts
from storage.engine.group_commit import Transaction

#: Who did what, once nothing says any more of whom.
ERASED = "erased a person"


@dataclass(frozen=True, slots=True)
class InboxErasure:
    """Erases all about a person, here and where other features have copies."""

    parts: Parts
    acts: InboxActs

    async def erase(self, operator: Operator, key: str, confirmed: str) -> bool:
        """Erase a person whose name the operator typed. Raise ActRefused.

        Returns False if a feature does so within minutes, with the copies that it has elsewhere.
        """
        it = await self.acts.find(key)
        if confirmed.strip() != SHOWS_ALL.name(it.user):
            raise ActRefused("Type the name as it is above, to erase all about this person.")
        decided = all_of(one.erasing(it.user, it.now) for one in self.parts.features)
        if decided is not NOTHING:
            await self.parts.queue.decide(
                lambda _connection, _now: Decision(None, decided.jobs, decided.writes)
            )
        else:
            eraser = Eraser(self.parts.database, self.parts.served_pools, self.parts.quoting_pools)
            wanted = Erasure(it.user, it.now, (), it.phone_number_id)
            if not await eraser.erase(wanted, now=it.now):
                raise ActRefused("A message of this person is on its way. Try again in a minute.")

        def note(connection: Connection, now: float) -> None:
            operators.note(connection, operator, ERASED, "", datetime.fromtimestamp(now, UTC))

        await self.parts.database.submit(Transaction(note))
        return decided is NOTHING
