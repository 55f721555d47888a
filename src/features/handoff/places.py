"""Places that people give back: "I can't come, cancel my spot" becomes a ticket."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter

from features.handoff.effects import Handoff
from flow_engine import NotifyOperators
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.exits import TAP, Exits
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts
from utils.elapsed import has_passed

#: How long the same request opens no other ticket.
KNOWN_FOR = timedelta(hours=12)
#: When a place was given back last, in seconds since 1970.
CANCELLED_AT = StateSlot("place_cancelled", TypeAdapter(float), 0.0)


@dataclass(frozen=True, slots=True)
class Places:
    """Hands such requests to operators; the bot goes on answering."""

    context: ConversationContext
    handoff: Handoff

    async def cancel(self, turn: ConversationTurn) -> Decisions | None:
        """Take a message that cancels a place, where nothing is open; None for others."""
        replies = Replies(self.context)
        is_free = turn.state.flow is None and turn.message.choice is None
        if not is_free or not _cancels_place(self.context.texts, turn.text):
            return None
        if not self.context.can_hand_off:
            return replies.say_with_menu(turn, "handoff.place_unreachable")
        at, known_for = CANCELLED_AT.read(turn.state), KNOWN_FOR.total_seconds()
        if not has_passed(known_for, since=at, now=turn.timestamp):
            ways = {f"{TAP}.{name}": title for name, title in Exits(self.context).of_features()}
            return replies.offer(turn, "handoff.place_known", ways)
        told = NotifyOperators("handoff.place", {"asked": turn.text})
        decided = await self.handoff.notify(turn, told)
        decided += Decisions(state=CANCELLED_AT.change(turn.timestamp))
        return decided + replies.say_with_menu(turn, "handoff.place_noted")


def _cancels_place(texts: Texts, text: str) -> bool:
    """Return whether a message gives a place back: it names one, or somebody cannot come."""
    has_phrase = texts.vocabulary.has_phrase
    if has_phrase("cancel_place", text):
        return True
    return has_phrase("cannot_come", text) and texts.vocabulary.has_any(
        "cancelling", as_keyword(text).split()
    )
