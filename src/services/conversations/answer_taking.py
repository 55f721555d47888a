"""Taking an answer that the form has considered: what it leads to, or what it was really about."""

from typing import Any

from flow_engine import Flow, FlowState, Question, Turn
from flow_engine.typed_answers import is_settled
from services.conversations.answer_and_question import take_beside_question
from services.conversations.answered import note_answer
from services.conversations.asides import Asides
from services.conversations.context import ConversationContext
from services.conversations.corrections import Corrections
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.profile import speak
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn


async def take_answer(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    question: Question,
    answer: str | None,
    step: Turn,
) -> Decisions:
    """Go to the step that an answer leads to.

    A text may correct an earlier answer instead, name a language, or be a question that features
    answer. They may also read what no rule can.
    """
    executor = EffectExecutor(context)
    is_refused = step.state is not None and step.state.refusals > state.refusals
    is_option = bool(question.options) and answer in question.options
    language = context.texts.vocabulary.language_named(turn.text)
    is_value = is_option or (not is_refused and len(turn.text.split()) == 1)
    if language is not None and not is_value:  # "English" alone may be an answer, if it is taken
        return _continue_in(context, turn, language)
    corrections = Corrections(context)
    corrected = await corrections.typed(turn, flow, state, answer, is_refused=is_refused)
    if corrected is not None:
        return corrected
    reviewed = corrections.review(turn, flow, state)
    if is_refused and (asked := reviewed.contradicted() or reviewed.completed()):
        return await executor.follow(turn, asked)
    noted = note_answer(turn, state.flow, state.step)
    if is_option or is_settled(question, state, answer, step):
        return noted + await executor.follow(turn, step)
    if (both := await take_beside_question(context, turn, flow, state, step)) is not None:
        return noted + both
    aside = await Asides(context).answer(turn, question, is_refused=is_refused)
    if aside is None and is_refused:
        step = reviewed.unclear() or step
    return noted + (aside or await executor.follow(turn, step))


def _continue_in(context: ConversationContext, turn: ConversationTurn, language: str) -> Decisions:
    """Ask the question of the form in another language."""
    decided = speak(turn, language)
    told = Replies(context).say_then_back(turn.after(decided), "common.language_changed")
    return decided + told
