"""An answer beside the change of another one: "I'm a dentist, but my birth date is wrong"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flow_engine import Corrected, Flow, FlowState, Question, Review, Turn, WentTo
from flow_engine.advance import advance
from flow_engine.state import SKIP
from flow_engine.words import as_keyword
from services.conversations.answered import note_answer
from services.conversations.change_requests import names_of
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.form_answers import FormAnswers
from services.conversations.spoken_corrections import change_in
from services.conversations.turn import ConversationTurn

#: What may stand between them.
_BETWEEN = re.compile(
    r"[,;.!]+\s+|[…\n]+\s*|\s(?=(?:and|but|y|pero|e|mas|aunque)\s)", re.IGNORECASE
)
#: Longest message that is taken apart, in words.
MAX_WORDS = 60
#: Fewest words of an answer in a person's own words.
MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class AnswerAndChange:
    """Takes such a message apart."""

    context: ConversationContext

    async def take(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> Decisions | None:
        """Go where both lead; None for any other message."""
        step = self.step(turn, flow, state, question)
        if step is None:
            return None
        noted = note_answer(turn, state.flow, state.step)
        return noted + await EffectExecutor(self.context).follow(turn, step)

    def step(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> Turn | None:
        """Return where both lead; None for any other message."""
        is_asked = not (state.aside or state.awaiting_call or state.awaiting_options)
        is_typed = turn.message.choice is None and "?" not in turn.text
        is_short = len(turn.text.split()) <= MAX_WORDS
        is_review = isinstance(flow.step(state.step), Review)
        if not (is_asked and is_typed and is_short and state.answers) or is_review:
            return None
        for answer, change in self._cuts(state, turn.text):
            taken = self._taken(turn, flow, state, question, answer)
            if taken is None:
                continue
            event = change_in(self.context, _saying(turn, change), flow, taken)
            is_same = isinstance(event, Corrected) and event.step == state.step
            if event is None or is_same:  # "passport and ID" changes nothing
                continue
            # "I got my surname wrong, it's Ríos" is one correction.
            whole = change_in(self.context, turn, flow, state)
            if isinstance(event, WentTo) and isinstance(whole, Corrected):
                return None
            return advance(flow, taken, event)
        return None

    def _cuts(self, state: FlowState, text: str) -> Sequence[tuple[str, str]]:
        """Return (answer, change), each way to cut a text in two, that with most answer first."""
        cuts = [(text[: one.start()], text[one.end() :]) for one in _BETWEEN.finditer(text)]
        parts = [tuple(map(self._trimmed, cut)) for cut in cuts]
        found = [
            (answer, change)
            for before, after in parts
            for answer, change in ((before, after), (after, before))
            if answer and len(change.split()) >= MIN_WORDS and self._is_answer(state, answer)
        ]
        return sorted(found, key=lambda one: len(one[0]), reverse=True)

    def _trimmed(self, part: str) -> str:
        """Return a part without marks at its ends, and without the "ah" behind its last comma."""
        whole = part.strip(" ,.;…")
        head, _, end = whole.replace(".", ",").rpartition(",")
        around = self.context.texts.vocabulary.words("courtesy", "filler")
        return whole[: len(head)] if head and around.issuperset(as_keyword(end).split()) else whole

    def _is_answer(self, state: FlowState, text: str) -> bool:
        """Return whether a part is not about an earlier answer, and no mere "sorry"."""
        words, texts = as_keyword(text).split(), self.context.texts
        named = {name for step in state.answers for name in names_of(texts, state.flow, step)}
        is_about_change = texts.vocabulary.has_any("wrong", words) or not named.isdisjoint(words)
        opening = texts.vocabulary.words("linking", "negation", "no")  # "…, no Gómez", "…, it's 4"
        begins = {*words[:1], " ".join(words[:2])}
        is_about_change = is_about_change or not opening.isdisjoint(begins)
        return not (is_about_change or texts.vocabulary.means_something(text))

    def _taken(
        self,
        turn: ConversationTurn,
        flow: Flow[Any],
        state: FlowState,
        question: Question,
        text: str,
    ) -> FlowState | None:
        """Return the state after an answer, also after a short one."""
        answers = FormAnswers(self.context)
        answer, step = answers.taken(_saying(turn, text), flow, state, question)
        now = step.state if step is not None else None
        if now is None or answer == SKIP or now.awaiting_options or now.awaiting_call:
            return None
        return now if state.step in now.answers else None


def _saying(turn: ConversationTurn, text: str) -> ConversationTurn:
    return replace(turn, message=replace(turn.message, text=text))
