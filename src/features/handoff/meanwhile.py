"""What a person hears from the bot while they wait for an operator, or while one answers.

Only the holder speaks, so the bot says what becomes of the request, and how to come back; see
decision 18.
"""

from dataclasses import dataclass

from domain.conversation_status import ConversationStatus
from features.handoff.effects import Handoff
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.exits import MENU, TAP
from services.conversations.holders import asks_for_bot, asks_for_menu
from services.conversations.opt_out import is_own_button
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn

#: Groups of words that withdraw a request which nobody has answered yet.
WITHDRAWALS = ("cancel", "back", "leave_chat")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Decides about messages of people whom an operator answers, or is to answer."""

    context: ConversationContext
    handoff: Handoff

    async def decide(self, turn: ConversationTurn, *, is_request: bool) -> StageResult:
        """Take a message that is for the bot; `is_request` asks for an operator once more."""
        if turn.is_opted_out:  # operators cannot reply any more either
            back = Replies(self.context).say(turn, "common.opted_out_hint")
            return back if turn.is_bot_paused and asks_for_bot(self.context, turn) else None
        is_waiting = turn.user.status == ConversationStatus.NEEDS_HUMAN
        if not is_waiting:
            return await self._while_taken(turn) if turn.is_bot_paused else None
        if await self.handoff.team.is_open(turn.now):
            return self._while_waiting(turn, is_request) if turn.is_bot_paused else None
        return await self._while_closed(turn)

    async def _while_taken(self, turn: ConversationTurn) -> StageResult:
        """An operator speaks: their person may leave, and learns that buttons wait."""
        if asks_for_bot(self.context, turn):
            return self.handoff.back_to_bot(turn, "handoff.left")
        told, _ = await self.handoff.while_waiting(turn)
        if is_own_button(turn.message):
            told += self._say(turn, "handoff.taken")
        return told if told is not NOTHING else None

    def _while_waiting(self, turn: ConversationTurn, is_request: bool) -> Decisions | None:
        """Nobody has answered yet: the request can be withdrawn, and is not forgotten."""
        if asks_for_bot(self.context, turn) or self._withdraws(turn):
            return self.handoff.back_to_bot(turn, "handoff.withdrawn")
        is_for_bot = is_own_button(turn.message) or Triggers(self.context).triggered_by(turn.text)
        return self._say(turn, "handoff.still_waiting") if is_for_bot or is_request else None

    async def _while_closed(self, turn: ConversationTurn) -> StageResult:
        """Outside the hours, the bot answers, and the request stays open until it is withdrawn."""
        is_free = turn.state.flow is None
        if is_free and self._withdraws(turn):
            return self.handoff.back_to_bot(turn, "handoff.withdrawn")
        told = NOTHING
        if turn.is_bot_paused:
            told, _ = await self.handoff.while_waiting(turn)
        if is_free and asks_for_menu(self.context, turn):
            shown = Replies(self.context).say_with_menu(turn, "handoff.still_open")
            return told + shown if not told.messages else PassOn(told)
        return PassOn(told) if told is not NOTHING else None

    def _withdraws(self, turn: ConversationTurn) -> bool:
        is_word = self.context.texts.is_word
        is_typed = turn.message.choice is None
        return is_typed and any(is_word(group, turn.text) for group in WITHDRAWALS)

    def _say(self, turn: ConversationTurn, key: str) -> Decisions:
        menu = {f"{TAP}.{MENU}": f"{TAP}.{MENU}"}
        return Replies(self.context).offer(turn, key, menu)
