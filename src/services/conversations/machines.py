"""A machine on the other side that answers every message: the bot stops, or they never would."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from loguru import logger
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions, Outgoing
from services.conversations.stage import Route
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.logger import pseudonym

#: Number of equal exchanges after which the bot is silent.
MAX_EXCHANGES = 5
#: Longest time between two messages of a machine, in seconds: people who repeat themselves wait.
QUICK_SECONDS = 60.0
#: Our replies may alternate, as the refusals of a form do.
REMEMBERED_REPLIES = 2


class Exchanges(BaseModel):
    """The same text from a person, to the same text from us, several times."""

    model_config = ConfigDict(frozen=True)

    #: Hash of what the person wrote.
    text: str = ""
    #: Hashes of our last replies.
    replies: tuple[str, ...] = ()
    count: int = 0
    #: When the last message came, in seconds since 1970.
    at: float = 0.0


EXCHANGES = StateSlot("exchanges", TypeAdapter(Exchanges), Exchanges())


@dataclass(frozen=True, slots=True)
class Machines:
    """Notices machines. What it knows is in the state of the conversation."""

    context: ConversationContext

    def silence(self, turn: ConversationTurn) -> Decisions | None:
        """Stay silent to the text of a machine; None for all others."""
        known = EXCHANGES.read(turn.state)
        if known.count < MAX_EXCHANGES or not self._is_repeated(turn, known):
            return None
        seen = known.model_copy(update={"count": known.count + 1, "at": turn.timestamp})
        decided = Decisions(state=EXCHANGES.change(seen))
        if known.count > MAX_EXCHANGES:
            return decided
        logger.warning("{} seems to be a machine: no replies", pseudonym(turn.user.key))
        for notice in self.context.extensions.machine_notices:
            decided += notice(turn)
        return decided

    def count(self, routed: Route) -> Route:
        """Remember what was said to a text, if that was the same as before."""
        turn, known = routed.turn, EXCHANGES.read(routed.turn.state)
        is_text = turn.message.kind == "text" and turn.message.edits is None
        if not is_text or turn.is_bot_paused:
            return routed
        reply = _hash_of(routed.decided.messages)
        is_same = self._is_repeated(turn, known) and reply in known.replies
        is_new_reply = self._is_repeated(turn, known) and len(known.replies) < REMEMBERED_REPLIES
        replies = (*known.replies, reply)[-REMEMBERED_REPLIES:] if is_new_reply else (reply,)
        counted = Exchanges(
            text=_hash(turn.text),
            replies=known.replies if is_same else replies,
            count=known.count + 1 if is_same or is_new_reply else 1,
            at=turn.timestamp,
        )
        noted = Decisions(state=EXCHANGES.change(counted))
        return replace(routed, decided=routed.decided + noted)

    def _is_repeated(self, turn: ConversationTurn, known: Exchanges) -> bool:
        is_text = turn.message.kind == "text" and turn.message.edits is None
        is_quick = turn.timestamp - known.at <= QUICK_SECONDS
        return is_text and is_quick and known.count > 0 and known.text == _hash(turn.text)


def _hash_of(messages: Sequence[Outgoing]) -> str:
    if not messages:
        return ""
    return _hash(json.dumps([one.message.payload() for one in messages], sort_keys=True))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]
