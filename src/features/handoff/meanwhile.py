"""What a person hears from the bot while they wait for an operator, or while one answers.

Only the holder speaks, so the bot says what becomes of the request, and how to come back; see
decision 18.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.conversation_status import ConversationStatus
from features.handoff.effects import Handoff
from features.handoff.waiting import WAITING, WINDOW
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.exits import MENU, TAP
from services.conversations.holders import asks_for_bot, asks_for_menu
from services.conversations.opt_out import OptOut, is_own_button
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from utils.elapsed import has_passed

#: Least time between two answers to "hello? anyone there?", so that nobody waits in silence.
STATUS_INTERVAL = timedelta(minutes=5)
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
            back = OptOut(self.context).hint(turn)
            return back if turn.is_bot_paused and asks_for_bot(self.context, turn) else None
        is_waiting = turn.user.status == ConversationStatus.NEEDS_HUMAN
        if not is_waiting:
            return await self._while_taken(turn) if turn.is_bot_paused else None
        if await self.handoff.team.is_open(turn.now):
            return await self._while_waiting(turn, is_request) if turn.is_bot_paused else None
        return await self._while_closed(turn)

    async def _while_taken(self, turn: ConversationTurn) -> StageResult:
        """An operator speaks: their person may leave, and learns that buttons wait."""
        if asks_for_bot(self.context, turn):
            return await self.handoff.back_to_bot(turn, "handoff.left")
        told, _ = await self.handoff.while_waiting(turn)
        if is_own_button(turn.message):
            told += self._say(turn, "handoff.taken")
        return told if told is not NOTHING else None

    async def _while_waiting(self, turn: ConversationTurn, is_request: bool) -> StageResult:
        """Nobody has answered yet: the request can be withdrawn, and is not forgotten."""
        if self._is_menu_tap(turn):
            return PassOn(self.handoff.take_back(turn, "handoff.closed"))
        if asks_for_bot(self.context, turn) or self._withdraws(turn):
            return await self.handoff.back_to_bot(turn, "handoff.withdrawn")
        if (asked := OptOut(self.context).unclear(turn)) is not None:
            return asked
        is_for_bot = is_own_button(turn.message) or Triggers(self.context).triggered_by(turn.text)
        return self._say_status(turn) if is_for_bot or is_request or self._wonders(turn) else None

    def _is_menu_tap(self, turn: ConversationTurn) -> bool:
        """Whether a choice of a menu was tapped, by which the person goes on with the bot."""
        name = (turn.message.choice or "").partition(".")[0]
        is_menu = self.context.flows.find_menu(name) is not None
        return is_menu and is_own_button(turn.message)

    def _wonders(self, turn: ConversationTurn) -> bool:
        """Whether the person asks if anybody is there, and was not told a moment ago."""
        vocabulary, told_at = self.context.texts.vocabulary, WAITING.read(turn.state).told_at
        now, interval = turn.timestamp, STATUS_INTERVAL.total_seconds()
        if turn.message.choice is not None or not has_passed(interval, since=told_at, now=now):
            return False
        is_greeting = vocabulary.is_courtesy(turn.text) and vocabulary.is_greeting(turn.text)
        is_complaint = vocabulary.small_talk(turn.text) == "complaint"
        is_presence = vocabulary.is_word("still_there", turn.text)
        return is_greeting or is_complaint or is_presence

    def _say_status(self, turn: ConversationTurn) -> Decisions:
        """Say that the request is with the team, since when, and how to go on with the bot."""
        waiting = WAITING.read(turn.state)
        told = waiting.model_copy(update={"told_at": turn.timestamp})
        is_known = waiting.since > 0 and turn.timestamp - waiting.since < WINDOW.total_seconds()
        since = datetime.fromtimestamp(waiting.since, self.context.zone)
        key = "handoff.waiting_since" if is_known else "handoff.still_waiting"
        params = {"since": f"{since:%H:%M}"} if is_known else {}
        return Decisions(state=WAITING.change(told)) + self._say(turn, key, params)

    async def _while_closed(self, turn: ConversationTurn) -> StageResult:
        """Outside the hours, the bot answers, and the request stays open until it is withdrawn."""
        is_free = turn.state.flow is None
        if is_free and self._withdraws(turn):
            return await self.handoff.back_to_bot(turn, "handoff.withdrawn")
        told = NOTHING
        if turn.is_bot_paused:
            told, _ = await self.handoff.while_waiting(turn)
        if is_free and asks_for_menu(self.context, turn):
            shown = Replies(self.context).say_with_menu(turn, "handoff.still_open")
            return told + shown if not told.messages else PassOn(told)
        return PassOn(told) if told is not NOTHING else None

    def _withdraws(self, turn: ConversationTurn) -> bool:
        is_word = self.context.texts.is_word
        has_phrase = self.context.texts.vocabulary.has_phrase
        if turn.message.choice is not None:
            return False
        is_word_for_it = any(is_word(group, turn.text) for group in WITHDRAWALS)
        return is_word_for_it or has_phrase("bot_phrases", turn.text)

    def _say(
        self, turn: ConversationTurn, key: str, params: Mapping[str, str | int] | None = None
    ) -> Decisions:
        return Replies(self.context).offer(turn, key, {f"{TAP}.{MENU}": "handoff.back"}, params)
