"""Taps: a button that is tapped twice, or again after its form has ended, gets a fitting answer."""

from collections.abc import Iterable

from features.taps.reopening import reopened
from features.taps.repeats import is_repeated_tap, is_repeated_text, note_message
from flow_engine import FlowState
from services.conversations.decisions import NOTHING
from services.conversations.effect_executor import EffectExecutor
from services.conversations.forms import Forms
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature


class Taps(Feature):
    """Buttons stay where they are in a chat, and people tap them twice, or much later."""

    name = "taps"
    summary = "a button tapped twice is answered once, and older buttons show other answers"
    page = "docs/flows.md"

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("repeated_tap", self._repeated_tap, before=("sentence_written",)),
            Stage("repeated_answer", self._repeated_answer, before=("open_form",)),
            Stage("reopening_tap", self._reopening_tap, before=("menu_tap",)),
            Stage("repeated_words", self._repeated_words, before=("fallback",)),
        )

    async def _repeated_tap(self, turn: ConversationTurn) -> StageResult:
        """The same button tapped twice within seconds is answered once."""
        return NOTHING if is_repeated_tap(turn) else PassOn(note_message(turn))

    async def _repeated_answer(self, turn: ConversationTurn) -> StageResult:
        """An answer that is sent twice within seconds is no wrong answer to the next question."""
        context, state = self.parts.context, turn.state.flow
        flow = context.open_flow(turn)
        if flow is None or state is None or state.refusals or not is_repeated_text(turn):
            return None
        decided = await Forms(context).answer(turn, flow)
        after = decided.state.get("flow")
        return NOTHING if isinstance(after, FlowState) and after.refusals else decided

    async def _reopening_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on the first question of a form that has ended shows the other answer."""
        step = reopened(self.parts.context, turn)
        return None if step is None else await EffectExecutor(self.parts.context).follow(turn, step)

    async def _repeated_words(self, turn: ConversationTurn) -> StageResult:
        """Words that are sent twice within seconds, and were understood, need no second answer."""
        return NOTHING if is_repeated_text(turn) else None


FEATURE = Taps
