"""Drafts of answers, by a feature that can write them, for operators to change and send."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused
from features.inbox.tables.messages import IN, NOTE, STEP, inbox_message
from services.agent import ChatTurn, DraftRequest
from services.feature import Feature

#: Latest messages that a draft is about.
READ_MESSAGES = 30


@dataclass(frozen=True, slots=True)
class Drafts:
    """Asks the features for an answer."""

    features: Iterable[Feature]
    acts: InboxActs

    @property
    def are_there(self) -> bool:
        """Whether a feature can write drafts."""
        return any(one.writes_drafts for one in self.features)

    async def write(self, key: str, *, is_summary: bool = False) -> str:
        """Return a draft of the next answer, or a summary of what was said. Raise ActRefused."""
        it = await self.acts.find(key)
        history = await self.acts.database.reader.run(lambda c, _: _history(c, it.user.key))
        asked = DraftRequest(it.user, history, it.now, is_summary)
        for one in self.features:
            if one.writes_drafts and (draft := await one.draft(asked)):
                return draft
        raise ActRefused("The assistant cannot write now.")


def _history(connection: Connection, key: str) -> list[ChatTurn]:
    of = inbox_message.c
    query = select(of.direction, of.text).where(of.user_key == key, of.direction != NOTE)
    query = query.where(of.text.is_not(None), of.kind.not_in(("reaction", STEP))).order_by(
        of.at.desc()
    )
    rows = connection.execute(query.limit(READ_MESSAGES)).all()[::-1]
    return [ChatTurn("user" if way == IN else "assistant", text) for way, text in rows]
