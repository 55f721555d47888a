"""Taking an answer that the form has considered: what it leads to, or an aside in its place."""

from flow_engine import FlowState, Question, Turn
from services.conversations.answered import note_answer
from services.conversations.asides import Asides
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.turn import ConversationTurn


async def take_answer(
    context: ConversationContext,
    turn: ConversationTurn,
    state: FlowState,
    question: Question,
    answer: str | None,
    step: Turn,
) -> Decisions:
    """Go to the step that an answer leads to; features may answer what is itself a question."""
    executor = EffectExecutor(context)
    noted = note_answer(turn, state.flow, state.step)
    if question.options and answer in question.options:
        return noted + await executor.follow(turn, step)
    is_refused = step.state is not None and step.state.refusals > state.refusals
    aside = await Asides(context).answer(turn, question, is_refused=is_refused)
    return noted + (aside or await executor.follow(turn, step))
