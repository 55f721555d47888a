"""What a person hears from the bot while they wait for an operator, or while one answers.

Only the holder speaks, so the bot says what becomes of the request, and how to come back; see
decision 18.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.conversation_status import ConversationStatus
from features.handoff.effects import Handoff
from features.handoff.waiting import WAITING, WINDOW, WaitingState
from features.handoff.withdrawals import beside_withdrawal
from flow_engine import LANGUAGES, React
from flow_engine.words import as_keyword, normalise
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

#: Least time between two answers to "hello? anyone there?", after the first ones.
STATUS_INTERVAL = timedelta(minutes=5)
#: Number of such answers that come at once, each in other words; then a reaction, or the interval.
FIRST_STATUSES = 3
#: The reaction: the person still waits.
STILL_WAITING = "⏳"
#: Most words of a question that asks after the wait: a longer one is for the operator.
MAX_WAIT_QUESTION_WORDS = 6
#: Most words of a question that the bot answers meanwhile: a longer one tells of a concern.
MAX_KNOWN_WORDS = 14
SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60
#: Words that name nothing: the "it" of "where is it".
_COMMON = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.search.common.split()
)


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
        rest = self._beside_withdrawal(turn)
        if asks_for_bot(self.context, turn) or rest == "":
            return await self.handoff.back_to_bot(turn, "handoff.withdrawn")
        if rest is not None:  # "never mind, when is the next one?"
            taken = self.handoff.take_back(turn, "handoff.closed")
            return PassOn(taken, message=replace(turn.message, text=rest))
        if (asked := OptOut(self.context).unclear(turn)) is not None:
            return asked
        is_for_bot = is_own_button(turn.message) or Triggers(self.context).triggered_by(turn.text)
        if is_for_bot or is_request or self._wonders(turn):
            return self._status(turn)
        return await self._known(turn)

    async def _known(self, turn: ConversationTurn) -> Decisions | None:
        """Answer a question that needs no operator, such as one of the FAQ; the request stays."""
        is_typed, text = turn.message.choice is None, turn.text
        is_short = len(text.split()) <= MAX_KNOWN_WORDS
        if not (is_typed and is_short and self.context.texts.vocabulary.asks(text)):
            return None
        for answer in self.context.extensions.asides:
            if (found := await answer(turn)) is not None:
                replies = Replies(self.context)
                stays = replies.renderer(turn).line("handoff.meanwhile")
                ways = {f"{TAP}.{MENU}": "handoff.back"}
                told = replies.offer_text(
                    turn,
                    f"{found.text}\n\n{stays}",
                    ways,
                )
                return found.decided + told
        return None

    def _is_menu_tap(self, turn: ConversationTurn) -> bool:
        """Whether a choice of a menu was tapped, by which the person goes on with the bot."""
        name = (turn.message.choice or "").partition(".")[0]
        is_menu = self.context.flows.find_menu(name) is not None
        return is_menu and is_own_button(turn.message)

    def _wonders(self, turn: ConversationTurn) -> bool:
        """Whether the person asks if anybody is there, or how long it takes."""
        vocabulary, text = self.context.texts.vocabulary, turn.text
        if turn.message.choice is not None or not text:
            return False
        is_greeting = vocabulary.is_courtesy(text) and vocabulary.is_greeting(text)
        is_complaint = vocabulary.small_talk(text) == "complaint"
        is_presence = vocabulary.is_word("still_there", text)
        return is_greeting or is_complaint or is_presence or self._asks_about_nothing(text)

    def _asks_about_nothing(self, text: str) -> bool:
        """Whether a short question names nothing, and so is about the wait: "where is it?"."""
        vocabulary = self.context.texts.vocabulary
        said = vocabulary.words("question", "asking", "filler", "courtesy")
        known = _COMMON.union(*(phrase.split() for phrase in said))
        words = as_keyword(text).split()
        is_short = len(words) <= MAX_WAIT_QUESTION_WORDS
        return is_short and vocabulary.asks(text) and known.issuperset(words)

    def _status(self, turn: ConversationTurn) -> Decisions:
        """Say how things stand, in other words each time, and after that once in a while."""
        waiting, replies = WAITING.read(turn.state), Replies(self.context)
        interval, now = STATUS_INTERVAL.total_seconds(), turn.timestamp
        is_due = has_passed(interval, since=waiting.told_at, now=now)
        if waiting.times_told >= FIRST_STATUSES and not is_due:
            return replies.send(turn, React(STILL_WAITING))
        told = {"told_at": turn.timestamp, "times_told": waiting.times_told + 1}
        key, params = self._words_of_status(turn, waiting)
        noted = Decisions(state=WAITING.change(waiting.model_copy(update=told)))
        return noted + self._say(turn, key, params)

    def _words_of_status(
        self, turn: ConversationTurn, waiting: WaitingState
    ) -> tuple[str, Mapping[str, str | int]]:
        """Return the key of what is said of the wait, and what it names."""
        waited = turn.timestamp - waiting.since
        if waiting.since <= 0 or waited >= WINDOW.total_seconds():
            return "handoff.still_waiting" if not waiting.times_told else "handoff.not_yet", {}
        if waiting.times_told == 1:
            return "handoff.not_yet", {}
        key = "handoff.waited" if waiting.times_told else "handoff.waiting_since"
        return key, {"waited": _waited(waited)}

    async def _while_closed(self, turn: ConversationTurn) -> StageResult:
        """Outside the hours, the bot answers, and the request stays open until it is withdrawn."""
        is_free = turn.state.flow is None
        if is_free and self._beside_withdrawal(turn) == "":
            return await self.handoff.back_to_bot(turn, "handoff.withdrawn")
        told = NOTHING
        if turn.is_bot_paused:
            told, _ = await self.handoff.while_waiting(turn)
        if is_free and asks_for_menu(self.context, turn):
            shown = Replies(self.context).say_with_menu(turn, "handoff.still_open")
            return told + shown if not told.messages else PassOn(told)
        return PassOn(told) if told is not NOTHING else None

    def _beside_withdrawal(self, turn: ConversationTurn) -> str | None:
        """Return what else a message asks that withdraws the request; None if it does not."""
        is_typed = turn.message.choice is None
        return beside_withdrawal(self.context.texts, turn.text) if is_typed else None

    def _say(
        self, turn: ConversationTurn, key: str, params: Mapping[str, str | int] | None = None
    ) -> Decisions:
        return Replies(self.context).offer(turn, key, {f"{TAP}.{MENU}": "handoff.back"}, params)


def _waited(seconds: float) -> str:
    """Return how long somebody has waited, in units that all languages share: "10 min", "3 h".

    The time of day would be that of the bot's zone, and people read another clock.
    """
    minutes = max(1, round(seconds / SECONDS_PER_MINUTE))
    is_short = minutes < MINUTES_PER_HOUR
    return f"{minutes} min" if is_short else f"{round(minutes / MINUTES_PER_HOUR)} h"
